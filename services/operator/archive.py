"""A back-up on disk: a folder, or the same in one .tar file, with a manifest and the checksum of every file in it.

`sha256sum -c SHA256SUMS` checks it as well as `twin backup --check` does. It is written beside its place under another
name and moved there when it is whole, so that what has the name is never half a back-up.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from pydantic import BaseModel, ValidationError

from shared.errors import Permanent

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
_BLOCK = 1024 * 1024
_OWNER_ALONE = 0o077
_LENGTH = 4  # a BSON document begins with its own length


class CollectionPart(BaseModel):
    """A collection: its documents, one after the other as BSON, compressed with gzip."""

    name: str
    file: str
    documents: int


class StreamPart(BaseModel):
    """A stream: the broker's own snapshot, and what the broker said of it."""

    name: str
    file: str
    messages: int
    last_sequence: int
    config: dict[str, Any]
    state: dict[str, Any]


class Manifest(BaseModel):
    """What a back-up holds. `positions` and `owed`: see docs/decisions/0022."""

    format: int = FORMAT
    begun_at: datetime
    ended_at: datetime
    release: str
    schema_version: int
    schema_oldest: int
    positions: dict[str, int]
    owed: dict[str, int]
    collections: list[CollectionPart]
    streams: list[StreamPart]


class Writer:
    """Writes a back-up. `finish` makes it appear under its name; without it, `abandon` takes away what there is."""

    def __init__(self, target: Path) -> None:
        if target.exists():
            raise Permanent(f"{target} is there already: give another name")
        self._target = target
        self._folder = target.with_name(f".{target.name}.{os.getpid()}.partial")
        self._sums: dict[str, str] = {}
        before = os.umask(_OWNER_ALONE)  # messages, phone numbers and password digests: for its owner alone
        try:
            self._folder.mkdir(parents=True)
        except OSError as error:
            raise Permanent(f"{target} cannot be written: {error}") from error
        finally:
            os.umask(before)

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """What is written to the function in the block is the file `name`, with its checksum noted."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        digest = hashlib.sha256()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:

            def write(data: bytes) -> None:
                digest.update(data)
                out.write(data)

            yield write
            out.flush()
            os.fsync(out.fileno())
        self._sums[name] = digest.hexdigest()

    @contextmanager
    def documents(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """As `file`, compressed."""
        with (
            self.file(name) as write,
            gzip.GzipFile(fileobj=_Sink(write), mode="wb", compresslevel=1, mtime=0) as packed,
        ):
            yield packed.write

    def finish(self, manifest: Manifest) -> None:
        """The back-up is whole."""
        with self.file(MANIFEST) as write:
            write(manifest.model_dump_json(indent=2).encode())
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
        with self.file(SUMS) as write:
            write(lines.encode())
        if self._target.suffix != ".tar":
            self._folder.rename(self._target)
            return
        packed = self._folder.with_suffix(".tar")
        with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                for name in (MANIFEST, SUMS, *sorted(self._sums.keys() - {MANIFEST, SUMS})):
                    tar.add(self._folder / name, arcname=name)
            out.flush()
            os.fsync(out.fileno())
        packed.rename(self._target)
        shutil.rmtree(self._folder)

    def abandon(self) -> None:
        """Takes away what was written."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.with_suffix(".tar").unlink(missing_ok=True)


class Archive:
    """A back-up that is there. Permanent where it is none, or of a newer release."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise Permanent(f"{path} is not there")
        try:
            self._tar = None if path.is_dir() else tarfile.open(path, "r:")  # noqa: SIM115 (open as long as this is)
        except (OSError, tarfile.TarError) as error:
            raise Permanent(f"{path} is no back-up: {error}") from error
        try:
            self.manifest = self._read_manifest()
        except Permanent:
            self.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        if self._tar is not None:
            self._tar.close()

    def problems(self) -> list[str]:
        """What is missing or not as it was written; empty where the back-up is sound. Reads all of it."""
        try:
            lines = b"".join(self.chunks(SUMS)).decode().splitlines()
        except Permanent as error:
            return [str(error)]
        except UnicodeDecodeError:
            return [f"{SUMS} cannot be read"]
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        parts = {one.file for one in self.manifest.collections} | {one.file for one in self.manifest.streams}
        found = [f"{name} has no checksum" for name in sorted({MANIFEST, *parts} - sums.keys())]
        for name, digest in sorted(sums.items()):
            try:
                if _digest(self.chunks(name)) != digest:
                    found.append(f"{name} is not what was written")
            except Permanent as error:
                found.append(str(error))
        return found

    def require_sound(self) -> None:
        """Returns where the back-up is whole; Permanent with what is wrong where not."""
        if problems := self.problems():
            raise Permanent(f"{self.path} is damaged: {'; '.join(problems)}")

    def chunks(self, name: str, size: int = _BLOCK) -> Iterator[bytes]:
        """A file of the back-up, piece by piece."""
        with self._open(name) as file:
            while chunk := self._piece(file, name, size):
                yield chunk

    def documents(self, part: CollectionPart) -> Iterator[bytes]:
        """The documents of a collection, each as BSON."""
        with self._open(part.file) as file, gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while head := packed.read(_LENGTH):
                yield head + packed.read(int.from_bytes(head, "little") - _LENGTH)

    def _piece(self, file: IO[bytes], name: str, size: int) -> bytes:
        try:
            return file.read(size)
        except (OSError, tarfile.TarError) as error:  # the .tar ends before the file does
            raise Permanent(f"{self.path} is damaged at {name}: {error}") from error

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            file = (self.path / name).open("rb") if self._tar is None else self._tar.extractfile(name)
        except tarfile.TarError as error:  # it breaks off before its list of files does
            raise Permanent(f"{self.path} is damaged: {error}") from error
        except (OSError, KeyError) as error:
            raise Permanent(f"{self.path} lacks {name}") from error
        if file is None:
            raise Permanent(f"{name} in {self.path} is no file")
        with file:
            yield file

    def _read_manifest(self) -> Manifest:
        data = b"".join(self.chunks(MANIFEST))
        try:
            manifest = Manifest.model_validate_json(data)
        except ValidationError as error:
            raise Permanent(f"the manifest of {self.path} cannot be read: {error.error_count()} errors") from error
        if manifest.format > FORMAT:
            raise Permanent(f"{self.path} was made by a newer release (format {manifest.format}, this reads {FORMAT})")
        return manifest


class _Sink:
    """A function as a file to write to."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


def _digest(chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
