"""Where a key or a value of a TOML text stands. Only for error messages: the text has been parsed by tomllib before.

tomllib gives no positions and tomlkit gives none either, so one scan over the tokens that matter finds them.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

KeyPath = tuple[str | int, ...]  # ("feeds", 2, "match"): the key `match` of the third [[feeds]]
Tokens = list[tuple[str, int]]  # what it says, and its offset in the text

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\"]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=,.\n]"
    r"|[^\s\[\]{}=,.\"'#]+",
    re.DOTALL,
)
_CHARACTER: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\s*\n\s*|.)|.", re.DOTALL)
_OPENING: Final = re.compile(r"""(?:"{3}|'{3})(?:\r?\n)?|["']""")
_ENDS: Final = frozenset({",", "]", "}", "\n"})


@dataclass(frozen=True, slots=True)
class Position:
    """Both count from 1."""

    line: int
    column: int


def locate(text: str, path: KeyPath, *, inside: int | None = None) -> Position | None:
    """Where the value at `path` stands, else the innermost table or list around it that does.

    `inside` is an index into the value's string: then it is that character's place. None when nothing of the path is
    in the text.
    """
    found = _offsets(text)
    known = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in found), None)
    if known is None:
        return None
    offset = found[known]
    if inside is not None and known == path:
        offset = _character(text, offset, inside)
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _offsets(text: str) -> Mapping[KeyPath, int]:
    tokens = [(match[0], match.start()) for match in _TOKEN.finditer(text) if not match[0].startswith("#")]
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    index = 0
    while index < len(tokens):
        word, offset = tokens[index]
        if word == "\n":
            index += 1
        elif word == "[":
            table, index = _header(tokens, index, counts)
            found.setdefault(table, offset)
            if isinstance(table[-1], int):
                found.setdefault(table[:-1], offset)  # the list of them begins with the first
        else:
            index = _pair(tokens, index, table, found)
    return found


def _header(tokens: Tokens, index: int, counts: dict[KeyPath, int]) -> tuple[KeyPath, int]:
    many = tokens[index + 1][0] == "["
    keys, index = _key(tokens, index + (2 if many else 1))
    path: KeyPath = ()
    for number, key in enumerate(keys, start=1):
        path = (*path, key)
        if many and number == len(keys):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path, index + (2 if many else 1)


def _pair(tokens: Tokens, index: int, table: KeyPath, found: dict[KeyPath, int]) -> int:
    keys, index = _key(tokens, index)
    path = (*table, *keys)
    return _value(tokens, index + 1, path, found)


def _key(tokens: Tokens, index: int) -> tuple[tuple[str, ...], int]:
    keys = [_plain(tokens[index][0])]
    while tokens[index + 1][0] == ".":
        index += 2
        keys.append(_plain(tokens[index][0]))
    return tuple(keys), index + 1


def _plain(word: str) -> str:
    return str(tomllib.loads(f"key = {word}")["key"]) if word[0] in "\"'" else word


def _value(tokens: Tokens, index: int, path: KeyPath, found: dict[KeyPath, int]) -> int:
    word, found[path] = tokens[index]
    if word == "[":
        return _list(tokens, index + 1, path, found)
    if word == "{":
        return _inline(tokens, index + 1, path, found)
    while index < len(tokens) and tokens[index][0] not in _ENDS:
        index += 1
    return index


def _list(tokens: Tokens, index: int, path: KeyPath, found: dict[KeyPath, int]) -> int:
    number = 0
    while tokens[index][0] != "]":
        if tokens[index][0] in _ENDS:
            index += 1
            continue
        index = _value(tokens, index, (*path, number), found)
        number += 1
    return index + 1


def _inline(tokens: Tokens, index: int, path: KeyPath, found: dict[KeyPath, int]) -> int:
    while tokens[index][0] != "}":
        index = index + 1 if tokens[index][0] in _ENDS else _pair(tokens, index, path, found)
    return index + 1


def _character(text: str, offset: int, inside: int) -> int:
    """The offset of a string's character, given where its opening quote stands."""
    opening = _OPENING.match(text, offset)
    start = opening.end() if opening else offset
    if text[offset] == "'":
        return start + inside
    for _ in range(inside):
        match = _CHARACTER.match(text, start)
        start = match.end() if match else start
    return start
