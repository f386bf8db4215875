"""Every regular expression of the product, and strings made to exhaust each of them."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

sre: Any = import_module("re._constants")  # no public name says what a pattern is made of
sre_parse: Any = import_module("re._parser")

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("services", "shared")
_CALLS: Final = frozenset({"compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"})
_MANY: Final = 8  # from so many repeats on a part may be pumped
_MOST_PUMPS: Final = 24


def all_patterns() -> dict[str, re.Pattern[str]]:
    """Name → pattern: what stands in a module's variables, however deep, and what is written where it is used."""
    found: dict[str, re.Pattern[str]] = {}
    known: set[tuple[str, int]] = set()
    for name, pattern in (*_imported(), *_inline()):
        if isinstance(pattern.pattern, str) and (pattern.pattern, pattern.flags) not in known:
            known.add((pattern.pattern, pattern.flags))
            found[name] = pattern
    return found


def anchored(name: str) -> bool:
    """Whether this pattern is only ever asked about the beginning of a text, or the whole of it."""
    if "/" in name:  # written where it is used, which its name ends with
        return name.endswith((":match", ":fullmatch"))
    variable = name.rpartition(".")[2].partition("[")[0]
    methods = _methods().get(variable, set())
    return bool(methods) and methods <= {"match", "fullmatch"}


@cache
def _methods() -> dict[str, set[str]]:
    """Variable → the methods that are called on it, anywhere in the product."""
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Attribute):
                    if isinstance(node.value, ast.Name):
                        found.setdefault(node.value.id, set()).add(node.attr)
                    elif isinstance(node.value, ast.Attribute):
                        found.setdefault(node.value.attr, set()).add(node.attr)
    return found


def _imported() -> Iterator[tuple[str, re.Pattern[str]]]:
    for room in ROOMS:
        package = import_module(room)
        for info in pkgutil.walk_packages(package.__path__, f"{room}."):
            module = import_module(info.name)
            for variable, value in list(vars(module).items()):
                for at, pattern in enumerate(_within(value, 0)):
                    yield f"{info.name}.{variable}[{at}]", pattern


def _within(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        yield from (found for one in value.values() for found in _within(one, depth + 1))
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        yield from (found for one in value for found in _within(one, depth + 1))


def _inline() -> Iterator[tuple[str, re.Pattern[str]]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and (node.func.value.id, node.func.attr in _CALLS) == ("re", True)
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str)
                ):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}:{node.func.attr}", re.compile(node.args[0].value)


def pumps(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """(before, pumped, after): for each part that repeats, what leads to it, what it takes, and what then fails."""
    tree = sre_parse.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found: list[tuple[str, str, str]] = []
    _walk(list(tree), "", found)
    singles = {char for _, pumped, _ in found for char in pumped} | set(_samples(list(tree)))
    found += [("", char, "") for char in sorted(singles)]
    return [one for one in dict.fromkeys(found) if one[1]][:_MOST_PUMPS]


def _walk(nodes: list[Any], before: str, found: list[tuple[str, str, str]]) -> None:
    for op, argument in nodes:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            _least, most, body = argument
            if most >= _MANY:
                for pumped in _samples(list(body)):
                    if pumped:
                        found += [(before, pumped, "\x00"), (before, pumped, "x!"), ("", pumped, "")]
            _walk(list(body), before, found)
        elif op is sre.SUBPATTERN:
            _walk(list(argument[-1]), before, found)
        elif op is sre.BRANCH:
            for branch in argument[1]:
                _walk(list(branch), before, found)
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            _walk(list(argument[1]), before, found)
        before += _samples([(op, argument)])[0]


def _samples(nodes: list[Any]) -> list[str]:
    """A few strings that these nodes take: two where there is a choice."""
    made = [""]
    for op, argument in nodes:
        made = [one + more for one in made[:2] for more in _of_one(op, argument)[:2]]
    return list(dict.fromkeys(made))[:3] or [""]


def _of_one(op: Any, argument: Any) -> list[str]:
    if op is sre.LITERAL:
        return [chr(argument)]
    if op is sre.NOT_LITERAL:
        return ["b" if chr(argument) == "a" else "a"]
    if op is sre.ANY:
        return ["a", " "]
    if op is sre.IN:
        return _of_set(argument)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, most, body = argument
        return [one * max(least, min(1, int(most))) for one in _samples(list(body))]
    if op is sre.SUBPATTERN:
        return _samples(list(argument[-1]))
    if op is sre.BRANCH:
        return [one for branch in argument[1][:2] for one in _samples(list(branch))[:1]]
    if op is sre.ATOMIC_GROUP:
        return _samples(list(argument))
    return [""]


_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: "1", sre.CATEGORY_NOT_DIGIT: "a", sre.CATEGORY_SPACE: " ", sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def _of_set(items: Iterable[Any]) -> list[str]:
    listed = list(items)
    if listed and listed[0][0] is sre.NEGATE:
        compiled = [char for char in "aا1 -.\n" if not _in_set(char, listed[1:])]
        return compiled[:2] or ["\u4e00"]
    made = []
    for op, argument in listed:
        if op is sre.LITERAL:
            made.append(chr(argument))
        elif op is sre.RANGE:
            made.append(chr(argument[0]))
        elif op is sre.CATEGORY:
            made.append(_CATEGORIES.get(argument, "a"))
    return [made[0], made[-1]] if made else ["a"]


def _in_set(char: str, items: Iterable[Any]) -> bool:
    for op, argument in items:
        if op is sre.LITERAL and chr(argument) == char:
            return True
        if op is sre.RANGE and argument[0] <= ord(char) <= argument[1]:
            return True
        if op is sre.CATEGORY:
            digit, space, word = char.isdigit(), char.isspace(), char.isalnum() or char == "_"
            held = {
                sre.CATEGORY_DIGIT: digit, sre.CATEGORY_NOT_DIGIT: not digit, sre.CATEGORY_SPACE: space,
                sre.CATEGORY_NOT_SPACE: not space, sre.CATEGORY_WORD: word, sre.CATEGORY_NOT_WORD: not word,
            }  # fmt: skip
            if held.get(argument, False):
                return True
    return False
