"""Source of a query -> tree. Reads the language that the package describes; matches nothing."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, cast

import regex as regexes

from aggregator.query.fields import words_of
from aggregator.query.lexer import Lexeme, lexemes
from aggregator.query.nodes import Age, Either, Every, Node, QueryError, Regex, Without, Words

MAX_CHARS: Final = 4096
MAX_DEPTH: Final = 64
MAX_TERMS: Final = 200
MAX_REGEXES: Final = 20  # each may cost its timeout once per field
LANGUAGE_VERSION: Final = 1  # grows when the same source comes to mean something else

_AGE: Final = re.compile(r"age([<>]=?)(.*)", re.IGNORECASE | re.DOTALL)
_SPAN: Final = re.compile(r"([0-9]{1,6})([hdwmy])", re.IGNORECASE)
_UNITS: Final = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
_NO_WORD: Final = "there is no letter or digit here to look for"


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. `str(query)` is its source as it was written."""

    source: str
    root: Node

    def __str__(self) -> str:
        return self.source


def parse(source: str, *, regex: bool = False) -> Query:
    """Read a query; an empty one matches everything. Without `regex`, /.../ is refused. Raises QueryError."""
    if len(source) > MAX_CHARS:
        raise QueryError(f"a query has at most {MAX_CHARS} characters, this one has {len(source)}", MAX_CHARS)
    return Query(source, _Parser(source, regex=regex).parse())


def both(first: Query, second: Query) -> Query:
    """Join two queries that were read, each under its own rules and limits, into one that wants both."""
    if not first.source.strip() or not second.source.strip():
        return second if second.source.strip() else first
    return Query(f"({first}) ({second})", Every((first.root, second.root)))


def rule_hash(source: str) -> bytes:
    """Give 16 bytes that stay the same as long as the rule means the same, for storing beside its verdicts."""
    rule = f"{LANGUAGE_VERSION} {source.strip()}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(rule, digest_size=16).digest()


class _Parser:
    """Recursive descent over the lexemes; `scope` is the field whose group is being read."""

    def __init__(self, source: str, *, regex: bool) -> None:
        self.lexemes = tuple(lexemes(source, regex=regex))
        self.length = len(source)
        self.at = 0
        self.depth = 0
        self.terms = 0
        self.regexes = 0

    def parse(self) -> Node:
        if not self.lexemes:
            return Every(())
        root = self._either(None)
        if (left := self._peek()) is not None:
            raise QueryError("this closing parenthesis has no opening one", left.position)
        return root

    def _peek(self) -> Lexeme | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def _accept(self, kind: str) -> Lexeme | None:
        lexeme = self._peek()
        if lexeme is None or lexeme.kind != kind:
            return None
        self.at += 1
        return lexeme

    def _either(self, scope: str | None) -> Node:
        parts = [self._every(scope)]
        while self._accept("OR"):
            parts.append(self._every(scope))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self, scope: str | None) -> Node:
        parts: list[Node] = []
        passed_over: Lexeme | None = None
        wanted = True  # a term has to come: at the start and behind AND
        while (lexeme := self._peek()) is not None and lexeme.kind not in ("OR", ")"):
            if lexeme.kind == "AND":
                self._join(lexeme, wanted=wanted)
                wanted = True
            elif _is_noise(lexeme):
                passed_over = self._accept("word")
            else:
                parts.append(self._term(scope))
                wanted = False
        if wanted:
            raise self._missing(passed_over)
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _join(self, lexeme: Lexeme, *, wanted: bool) -> None:
        if wanted:
            raise QueryError('there is nothing before this AND; to look for the word, write "AND"', lexeme.position)
        self.at += 1

    def _missing(self, passed_over: Lexeme | None) -> QueryError:
        if passed_over is not None:
            return QueryError(_NO_WORD, passed_over.position)
        lexeme = self._peek()
        before = self.lexemes[self.at - 1] if self.at else None
        if lexeme is not None and lexeme.kind == "OR":
            return QueryError('there is nothing before this OR; to look for the word, write "OR"', lexeme.position)
        if before is not None and before.kind in ("OR", "AND"):
            return QueryError(
                f'there is nothing behind this {before.text}; to look for the word, write "{before.text}"',
                before.position,
            )
        if before is None:
            return QueryError("this closing parenthesis has no opening one", 0 if lexeme is None else lexeme.position)
        if lexeme is None:
            return QueryError("this parenthesis isn't closed", before.position)
        return QueryError("these parentheses are empty", before.position)

    def _term(self, scope: str | None) -> Node:
        if sign := self._accept("-"):
            return self._without(sign, scope)
        if opened := self._accept("("):
            return self._group(opened, scope)
        if name := self._accept("field"):
            if scope is not None:
                raise QueryError(
                    f"{name.text}: stands inside of {scope}:(…), which has its field already", name.position
                )
            return self._group(opened, name.text) if (opened := self._accept("(")) else self._leaf(name.text)
        return self._leaf(scope)

    def _without(self, sign: Lexeme, scope: str | None) -> Node:
        following = self._peek()
        if following is None or following.kind in ("OR", "AND", ")") or _is_noise(following):
            raise QueryError(f"there is nothing behind this {sign.text}", sign.position)
        self._enter(sign)
        part = self._term(scope)
        self.depth -= 1
        return Without(part)

    def _group(self, opened: Lexeme, scope: str | None) -> Node:
        self._enter(opened)
        inside = self._either(scope)
        if not self._accept(")"):
            raise QueryError("this parenthesis isn't closed", opened.position)
        self.depth -= 1
        return inside

    def _enter(self, lexeme: Lexeme) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"a query nests at most {MAX_DEPTH} levels deep", lexeme.position)

    def _leaf(self, scope: str | None) -> Node:
        lexeme = self.lexemes[self.at]
        self.at += 1
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise QueryError(f"a query has at most {MAX_TERMS} terms", lexeme.position)
        if lexeme.kind == "regex":
            self.regexes += 1
            return _regex(lexeme, scope, self.regexes)
        behind_field = self.at > 1 and self.lexemes[self.at - 2].kind == "field"
        if lexeme.kind == "word" and not behind_field and (found := _AGE.fullmatch(lexeme.text)):
            return _age(lexeme, found)
        return _words(lexeme, scope)


def _is_noise(lexeme: Lexeme) -> bool:
    return lexeme.kind == "word" and "*" not in lexeme.text and not words_of(None, lexeme.text)


def _words(lexeme: Lexeme, scope: str | None) -> Words:
    text = lexeme.text
    inner = text.find("*")
    if lexeme.kind == "word" and 0 <= inner < len(text) - 1:
        raise QueryError("a * stands at the end of a word: demo* finds what begins with demo", lexeme.position + inner)
    found = words_of(scope, text)
    if not any(word != "/" for word in found):
        raise QueryError(_NO_WORD, lexeme.position)
    prefix = text.endswith("*") and words_of(scope, text[:-1] + "x") != (*words_of(scope, text[:-1]), "x")
    return Words(scope, found, prefix)


def _regex(lexeme: Lexeme, scope: str | None, count: int) -> Regex:
    if count > MAX_REGEXES:
        raise QueryError(f"a query has at most {MAX_REGEXES} regular expressions", lexeme.position)
    try:
        compiled = regexes.compile(lexeme.text, regexes.IGNORECASE | regexes.VERSION1)
    except regexes.error as error:
        at = lexeme.position + 1 + (error.pos or 0)
        raise QueryError(f"the regular expression can't be read: {error.msg}", at) from None
    return Regex(scope, lexeme.text, compiled)


def _age(lexeme: Lexeme, found: re.Match[str]) -> Age:
    span = _SPAN.fullmatch(found[2])
    if span is None:
        message = "age wants a whole number and a unit, h d w m or y: age<7d, age>1y"
        raise QueryError(message, lexeme.position + found.start(2))
    operator = cast("Literal['<', '<=', '>', '>=']", found[1])
    return Age(operator, timedelta(hours=int(span[1]) * _UNITS[span[2].lower()]))
