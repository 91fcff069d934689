"""Numbers that stand beside the posts of a page of questions and answers: votes, and "2 Answers" above them."""

import re
from collections.abc import Sequence
from typing import Final

from aggregator.clean.blocks import Block, Place

_LONGEST: Final = 40  # characters
_AROUND: Final = 4  # elements whose names are asked, from the block's own up
_NUMBER: Final = re.compile(r"[+\-−]?\d[\d.,]*\s?[kKmM]?")
_VOTES: Final = re.compile(
    r"(?:^|[\s_-])(?:(?:up|down)?votes?(?:[\s_-]?(?:count|cell|box|score)\w*)?|answer[\s_-]?count)(?=$|[\s_-])"
)
_LINE: Final = re.compile(
    r"\d[\d.,]*\s?(?:answers?|replies|antwort(?:en)?|réponses?|respuestas?|rispost[ae]|respostas?|antwoord(?:en)?"
    r"|odpowied\w+|odpověd\w+|svar|ответ\w*|відповід\w*|yanıt|cevap|[个個条件の]*回答|개의\s?답변|votes?|upvotes?|stimmen?"
    r"|votos?|voti|głos\w*|голос\w*)(?:\s\d+)?",
    re.IGNORECASE,
)
_POSTS: Final = re.compile(r"answer|question|vote|repl(?:y|ies)")


def counted(blocks: Sequence[Block]) -> list[int]:
    """The places of blocks that hold nothing but such a count."""
    short = ((at, block) for at, block in enumerate(blocks) if len(block.text) <= _LONGEST)
    return [at for at, block in short if any(map(str.isdecimal, block.text)) and _counts(block)]


def _counts(block: Block) -> bool:
    if _NUMBER.fullmatch(block.text):
        return _called(block.place, _VOTES, 2)
    return _LINE.fullmatch(block.text) is not None and _called(block.place, _POSTS, _AROUND)


def _called(place: Place | None, pattern: re.Pattern[str], around: int) -> bool:
    for _ in range(around):
        if place is None:
            return False
        if pattern.search(place.names):
            return True
        place = place.parent
    return False
