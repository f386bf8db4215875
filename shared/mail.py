"""Sends e-mail over SMTP, by the standard library in a thread of its own.

An alarm is a few letters a day: an asynchronous client (aiosmtplib) would be one more dependency for no gain, and
`smtplib` knows STARTTLS, log-in and every refusal that there is.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal, Protocol

from shared.errors import Misconfigured, Permanent, TwinError, Unavailable

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed in. Without encryption no password is ever sent."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    timeout_s: float = 15
    context: ssl.SSLContext | None = None  # None: the system's certificates decide


class Mailer(Protocol):
    """The port of the letters."""

    async def send(self, letter: EmailMessage) -> None:
        """Hands it in. Unavailable when that may succeed later, Permanent or Misconfigured when it can't."""
        ...


class SmtpMailer:
    """The `Mailer` over SMTP, a connection a letter."""

    def __init__(self, server: Server) -> None:
        if server.security == "none" and server.password:
            raise Misconfigured("a mail server without encryption must not be given a password")
        self._server = server

    async def send(self, letter: EmailMessage) -> None:
        """As the port says."""
        await asyncio.to_thread(self._send, letter)

    def _send(self, letter: EmailMessage) -> None:
        try:
            with self._connected() as connection:
                if self._server.user:
                    connection.login(self._server.user, self._server.password or "")
                refused = connection.send_message(letter)
        except (smtplib.SMTPException, OSError) as error:
            raise _translated(error) from error
        if refused:  # some got it: the others must not make it be sent to those again and again
            raise Permanent(f"the mail server refuses {len(refused)} of the recipients", reason="mail_refused")

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        context = server.context or ssl.create_default_context()
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        if server.security == "starttls":
            try:
                connection.starttls(context=context)
            except BaseException:
                connection.close()
                raise
        return connection


def _translated(error: Exception) -> TwinError:
    match error:
        case smtplib.SMTPAuthenticationError():
            return Misconfigured("the mail server refuses the user or the password")
        case smtplib.SMTPNotSupportedError():
            return Misconfigured(f"the mail server cannot do what is asked: {error}")
        case ssl.SSLCertVerificationError():
            return Misconfigured(f"the mail server's certificate is not good: {error.verify_message}")
        case smtplib.SMTPRecipientsRefused() if any(code < 500 for code, _text in error.recipients.values()):
            return Unavailable("the mail server takes nothing for the recipients at present")
        case smtplib.SMTPRecipientsRefused():
            return Permanent("the mail server refuses all recipients", reason="mail_refused")
        case smtplib.SMTPResponseException() if error.smtp_code >= 500:
            return Permanent(f"the mail server refuses the letter ({error.smtp_code})", reason="mail_refused")
        case _:
            return Unavailable(f"the mail server cannot be reached ({type(error).__name__})")
