"""How each field of a story turns into tokens, on the query's side and on the story's alike."""

import re
from typing import Final
from urllib.parse import unquote

from aggregator.tokens import fold, tokens

COLUMNS: Final = ("title", "text", "author", "url", "feed", "tags", "lang")
_EDGES: Final = re.compile(r"([/?#]+)")


def words_of(field: str | None, text: str) -> tuple[str, ...]:
    """Give the tokens of a value of `field`; of a URL also "/" where a piece of it ends, with %xx decoded."""
    return url_words(text) if field == "url" else tokens(text)


def url_words(url: str) -> tuple[str, ...]:
    """Give tokens and a "/" for each run of `/`, `?` and `#`: `https://a.org/b?c` -> https / a org / b / c."""
    found: list[str] = []
    for index, piece in enumerate(_EDGES.split(fold(unquote(url)))):
        found.extend(("/",) if index % 2 else tokens(piece))
    return tuple(found)


def url_tokens(url: str) -> tuple[str, ...]:
    """Give the tokens of a URL as an index holds them, without the "/"."""
    return tuple(word for word in url_words(url) if word != "/")
