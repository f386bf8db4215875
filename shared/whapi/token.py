"""Where the channel's token comes from, and how it is renewed while the service runs."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from shared.errors import Misconfigured

_TOKEN = re.compile(r"[!-~]+")


class TokenSource:
    """The token from a file, or a fixed one. A file is read at the first use and again after each refusal.

    The token itself never stands in a repr, a log or an error.
    """

    def __init__(self, value: SecretStr | None = None, file: Path | None = None) -> None:
        self._file = file
        self._token = None if file or value is None else _checked(value.get_secret_value(), "WHAPI_TOKEN")

    def current(self) -> str:
        """The token. Misconfigured when there is none, or its file cannot be read."""
        if self._token is None:
            if self._file is None:
                raise Misconfigured("the gateway's token is missing: set WHAPI_TOKEN or WHAPI_TOKEN_FILE")
            self._token = _read(self._file)
        return self._token

    def renew(self, refused: str) -> bool:
        """Reads the file again after `refused` was not accepted. True when there is another token to try now."""
        if self._token == refused and self._file is not None:
            with suppress(Misconfigured):  # the file is being replaced: the old token stays, and so does the refusal
                self._token = _read(self._file)
        return self._token != refused

    def __repr__(self) -> str:
        return f"TokenSource({'file' if self._file else 'fixed'})"


def _read(file: Path) -> str:
    try:
        return _checked(file.read_text(encoding="utf-8"), "the file that WHAPI_TOKEN_FILE names")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"the file that WHAPI_TOKEN_FILE names cannot be read ({type(error).__name__}): {file}"
        ) from None


def _checked(text: str, where: str) -> str:
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise Misconfigured(f"{where} holds no token: it must be one word of visible ASCII characters")
    return token
