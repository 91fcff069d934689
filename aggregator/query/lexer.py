"""Cuts the source of a query into lexemes with their positions. Knows no grammar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from aggregator.query.nodes import FIELDS, QueryError

Kind = Literal["(", ")", "-", "OR", "AND", "field", "word", "phrase", "regex"]

_CLOSERS: Final = {'"': '"', "“": "”“", "„": "“”", "‟": "”", "＂": "＂"}
_WORD: Final = re.compile(r'[^\s()（）"“”„‟＂]+')
_FIELD: Final = re.compile(r"([A-Za-z]+)[:：]")
_REGEX: Final = re.compile(r"/((?:[^/\\\n]|\\.)+)/(?=[\s)）]|$)")
_SPACE: Final = re.compile(r"\s*")
_OPERATORS: Final[dict[str, Kind]] = {"OR": "OR", "AND": "AND", "NOT": "-"}
_PARENTHESES: Final[dict[str, Kind]] = {"(": "(", "（": "(", ")": ")", "）": ")"}
_OTHER_NAMES: Final = {
    "body": "text",
    "by": "author",
    "content": "text",
    "inurl": "url",
    "intitle": "title",
    "language": "lang",
    "link": "url",
    "site": "url",
    "source": "feed",
    "tags": "tag",
}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query: the name of a field, the inside of a phrase or a regex, a word, or a sign."""

    kind: Kind
    text: str
    position: int


def lexemes(source: str, *, regex: bool) -> Iterator[Lexeme]:
    """Yield the lexemes of `source`; `regex` says whether /.../ is allowed. Raises QueryError."""
    position, field = 0, ""
    while True:
        start = position if field else _skip_space(source, position)
        if start == len(source):
            break
        lexeme, position = _next(source, start, field=field, regex=regex)
        field = lexeme.text if lexeme.kind == "field" else ""
        yield lexeme


def _skip_space(source: str, position: int) -> int:
    found = _SPACE.match(source, position)
    return found.end() if found else position


def _next(source: str, start: int, *, field: str, regex: bool) -> tuple[Lexeme, int]:
    """Give the lexeme at `start` and where it ends; `field` is the name just before it, whose value this is."""
    sign = source[start]
    if sign in _PARENTHESES:
        return Lexeme(_PARENTHESES[sign], sign, start), start + 1
    if sign in _CLOSERS or sign == "”":
        return _phrase(source, start)
    if sign == "/" and field != "url" and (found := _REGEX.match(source, start)):
        if not regex:
            raise QueryError(
                "regular expressions work in feeds.toml alone; put a path in quotes, or say url:/…/", start
            )
        return Lexeme("regex", found[1], start), found.end()
    return _word(source, start) if field else _word_or_sign(source, start)


def _phrase(source: str, start: int) -> tuple[Lexeme, int]:
    closers = _CLOSERS.get(source[start], "”")
    end = next((at for at in range(start + 1, len(source)) if source[at] in closers), -1)
    if end < 0:
        raise QueryError("this quotation mark isn't closed", start)
    return Lexeme("phrase", source[start + 1 : end], start), end + 1


def _word(source: str, start: int) -> tuple[Lexeme, int]:
    found = _WORD.match(source, start)
    end = found.end() if found else start
    return Lexeme("word", source[start:end], start), end


def _word_or_sign(source: str, start: int) -> tuple[Lexeme, int]:
    word, end = _word(source, start)
    if word.text in _OPERATORS:
        return Lexeme(_OPERATORS[word.text], word.text, start), end
    following = source[start + 1 : start + 2]
    if word.text.startswith("-") and following and not following.isspace() and following not in ")）":
        return Lexeme("-", "-", start), start + 1
    if (named := _FIELD.match(word.text)) and (field := _field_name(source, named, start)):
        return Lexeme("field", field, start), start + named.end()
    return word, end


def _field_name(source: str, named: re.Match[str], start: int) -> str:
    """Give the field that a word's beginning names, or "" when it is no field's name but a part of the word."""
    name, after = named[1].lower(), start + named.end()
    if name in FIELDS:
        if after == len(source) or source[after].isspace() or source[after] in ")）":
            raise QueryError(f"{name}: wants its value right behind the colon, such as {name}:word", after)
        return name
    if name == "age":
        raise QueryError("an age is compared: age<7d, age>1y", start)
    meant = _OTHER_NAMES.get(name) or next(iter(get_close_matches(name, FIELDS, 1, 0.8)), "")
    if meant:
        raise QueryError(f"there is no field {name}:, did you mean {meant}:? Else put the words in quotes", start)
    return ""
