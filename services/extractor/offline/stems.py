"""Which letters a text must hold for a pattern to be worth trying: looking for plain letters is far cheaper."""

from __future__ import annotations

_SPECIAL = frozenset("\\()[]{}?*+.^$|")


def stems(words: str) -> tuple[str, ...] | None:
    """Plain letters, one of which stands in every text that these alternatives of a regular expression match.

    None where an alternative begins with nothing plain, so that nothing can be said.
    """
    found: set[str] = set()
    for alternative in _alternatives(words):
        begun = _begins(alternative)
        if begun is None:
            return None
        found |= begun
    shortest = sorted(found, key=len)
    return tuple(one for at, one in enumerate(shortest) if not any(other in one for other in shortest[:at]))


def _begins(alternative: str) -> set[str] | None:
    """The plain letters with which one alternative begins, an optional group in front left out."""
    alternative = alternative.removeprefix("\\b")
    while alternative.startswith("(?:"):
        end = _closing(alternative)
        inner, rest = alternative[3:end], alternative[end + 1 :]
        if rest.startswith("?"):
            alternative = rest[1:]
            continue
        begun: set[str] = set()
        for one in _alternatives(inner):
            more = _begins(one + rest)
            if more is None:
                return None
            begun |= more
        return begun
    letters = ""
    for at, char in enumerate(alternative):
        if char in _SPECIAL:
            if char in "?*{" and letters:
                letters = letters[:-1]
            break
        letters += char
        if at > 12:
            break
    return {letters} if len(letters) > 1 else None


def _alternatives(words: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(words):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            parts.append(words[start:at])
            start = at + 1
    return [*parts, words[start:]]


def _closing(words: str) -> int:
    """Where the group that opens a pattern closes."""
    depth = 0
    for at, char in enumerate(words):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at
    return len(words)
