"""A mail server and a web server of our own, on real sockets, that note what they are given."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MailServer:
    """What it took, and how it behaves. `refuse` names a command and the answer to it."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    password: str | None = None
    context: ssl.SSLContext | None = None
    refuse: dict[str, str] = field(default_factory=dict)


@contextmanager
def mail_server(**how: Any) -> Iterator[MailServer]:
    """A server that takes letters while the block runs."""
    state = MailServer(**how)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.encrypted = False
            self.say("220 mail.test")
            while line := self.rfile.readline():
                command = line.decode().strip()
                verb = command.partition(" ")[0].upper()
                state.commands.append(verb)
                if verb in state.refuse:
                    self.say(state.refuse[verb])
                elif not self.answer(verb, command):
                    return

        def answer(self, verb: str, command: str) -> bool:
            match verb:
                case "EHLO":
                    offers = ["STARTTLS"] if state.context and not self.encrypted else []
                    offers += ["AUTH PLAIN"] if state.password else []
                    lines = ["mail.test", *offers, "SIZE 1000000"]
                    for number, text in enumerate(lines):
                        self.say(f"250{' ' if number == len(lines) - 1 else '-'}{text}")
                case "STARTTLS":
                    self.say("220 go on")
                    assert state.context
                    self.request = state.context.wrap_socket(self.request, server_side=True)
                    self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
                    self.encrypted = True
                case "AUTH":
                    given = base64.b64decode(command.split()[2]).decode().split("\0")[2]
                    self.say("235 welcome" if given == state.password else "535 no")
                case "DATA":
                    self.say("354 go on")
                    self.take()
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return False
                case _:
                    self.say("250 fine")
            return True

        def take(self) -> None:
            content = b""
            while (line := self.rfile.readline()) != b".\r\n":
                content += line.removeprefix(b".") if line.startswith(b"..") else line
            letter = BytesParser(policy=default).parsebytes(content)
            assert isinstance(letter, EmailMessage)
            state.letters.append(letter)
            state.encrypted.append(self.encrypted)

        def finish(self) -> None:
            super().finish()
            if self.encrypted:
                self.request.close()  # the server closes the plain one

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        state.port = port
        yield state


@dataclass
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """What it was sent. `answers` are (status, headers) for the requests to come; then 204."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web_server(answers: Sequence[tuple[int, dict[str, str]]] = ()) -> Iterator[WebServer]:
    """A server that takes posts while the block runs."""
    state = WebServer(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = state.answers.pop(0) if state.answers else (204, {})
            self.send_response(status)
            for name, value in ({"content-length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            state.arrived.release()

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        state.port = port
        yield state


@contextmanager
def _running(server: socketserver.ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
