"""The `twin` command as it is typed, in this process, with an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from services.operator import cli


@dataclass
class Answer:
    """What the command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


@dataclass
class Twin:
    """Runs `twin` in a thread, with nothing in its environment but what a test gives."""

    folder: Path
    environment: Mapping[str, str]

    async def __call__(self, *arguments: str, stdin: str = "", **more: str) -> Answer:
        return await asyncio.to_thread(self._run, list(arguments), stdin, {**self.environment, **more})

    def _run(self, arguments: list[str], stdin: str, environment: dict[str, str]) -> Answer:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        code: Any = 0
        with (
            mock.patch.dict(os.environ, {"PATH": os.environ["PATH"], **environment}, clear=True),
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                cli.main(arguments)
            except SystemExit as end:
                code = end.code
        out.flush()
        err.flush()
        return Answer(code or 0, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())
