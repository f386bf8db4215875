"""`twin quality`: every stage on every committed corpus, nothing scored on what it was trained on; docs/quality.md."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.operator.answers import JsonOption, show

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT / "tests" / "corpus"
PAGE = ROOT / "docs" / "quality.md"


def quality(
    corpora: Annotated[
        Path, typer.Option(help="The folder with dev, extra, blind and pairs (.jsonl).", show_default="tests/corpus")
    ] = CORPORA,
    held_out: Annotated[bool, typer.Option(help="Also score the held-out sets: figures only, never rows.")] = True,
    write: Annotated[bool, typer.Option("--write", help="Write docs/quality.md.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Score every stage on the committed corpora, with cross-validation. Takes a minute or two."""
    from services.operator.quality_sections import Section, sections

    found: list[Section] = []
    for section in sections(corpora, held_out=held_out):
        found.append(section)
        if not as_json:
            show(None, section.lines(), as_json=False)
    if as_json:
        show({section.name: section.document for section in found}, [], as_json=True)
    if write:
        PAGE.write_text(page([line for section in found for line in section.markdown()], corpora), encoding="utf-8")
        sys.stderr.write(f"twin: written: {PAGE.relative_to(ROOT)}\n")


def page(body: list[str], corpora: Path = CORPORA) -> str:
    """docs/quality.md around these lines."""
    sizes = ", ".join(f"{name} {count}" for name, count in sizes_of(corpora))
    lines = [
        "# Quality: what the figures are, and what they are not",
        "",
        f"Measured on {datetime.now(UTC).date().isoformat()} by `make eval` (`twin quality --write`); do not edit.",
        f"Lines in `tests/corpus`: {sizes}.",
        "",
        *(f"- {what}: `{version}`" for what, version in versions().items()),
        "",
        *_WORDS,
        "",
        *body,
    ]
    return "\n".join(lines).rstrip() + "\n"


def sizes_of(corpora: Path) -> Iterator[tuple[str, int]]:
    """Each file of the folder with the number of its lines; nothing of what they hold."""
    for path in sorted(corpora.glob("*.jsonl")):
        yield path.name, sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))


def versions() -> dict[str, str]:
    """What the figures are of. A test holds the page against it: other lists, parsers or prompt want new figures."""
    from services.extractor import prompt
    from services.extractor.offline import engine

    return {
        "filter, lists and weights": filter_data(),
        "offline parsers": engine.VERSION,
        "prompt": prompt.VERSION,
    }


def filter_data(folder: Path = ROOT / "services" / "filter") -> str:
    """A fingerprint of the filter's data files."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("lists/*.txt"), *folder.glob("model/*.tsv")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


_WORDS = """\
All messages are invented; real groups will differ. `dev` was read while word lists, rules and parsers were written, so
figures on it flatter them, whatever is cross-validated: cross-validation keeps only the *trained weights* from being
scored on their own messages. `extra` and its like were written by other hands and read in development too, less
closely. `blind` was read by nobody who works on the code: of all figures here, those are the ones to expect elsewhere,
as far as a set of its size can tell: one call among seventy is 0.014 of recall.

- **recall**: of the true calls, the share that is found. What is not found is lost to everybody.
- **precision**: of what is found, the share that is right.
- **false positives**: of the noise, the share that passes the filter. Each costs one reading, and a reviewer nothing
  where the extractor sees that it is no call.
- **hard**: messages on which a plain keyword filter would be wrong.
- **model calls per true unique call**: readings by the extractor, for each different call. 1 is the least; copies and
  forwards that are recognised cost none.
- **invented**: values without words in the message that hold them. There must be none.
- **same, update, sibling, new**: what a post is to an earlier one. A wrong *same* hides a call, hence its precision.
- A dash means that there was nothing to take a share of.""".split("\n")
