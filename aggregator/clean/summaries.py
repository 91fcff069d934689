"""What a story calls its own summary, "Key takeaways" or "Das Wichtigste in Kürze": the list below is the story's.

A judge sees a box of links or of few words above the story, as it sees in menus; the name of the box says otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from aggregator.clean.blocks import Block, Place

_NAMES: Final = (
    r"(?:the )?(?:key|main|quick|top) ?(?:takeaways?|points?|highlights|findings|facts|insights|messages)",
    r"takeaways|(?:quick |executive )?summary|highlights|at a glance|in (?:brief|short|a nutshell)|tl;?dr",
    r"(?:the )?bottom line|das wichtigste(?: in kürze| im überblick| auf einen blick)?|auf einen blick",
    r"kurz (?:und|&) knapp|zusammenfassung|kurz zusammengefasst|die wichtigsten punkte|darum geht['’]s",
    r"l['’]essentiel|en bref|(?:ce qu['’]il faut |à )retenir|(?:les )?points (?:clés|essentiels)|en résumé",
    r"(?:los )?puntos clave|(?:las )?claves|lo (?:más importante|esencial)|en (?:breve|resumen|síntesis)",
    r"punti chiave|in (?:breve|sintesi)|i punti principali|pontos[- ]chave|principais pontos|em resumo",
    r"in het kort|kernpunten|(?:de )?belangrijkste punten|samenvatting|det viktigaste|i korthet|sammanfattning",
    r"kort fortalt|det vigtigste|oppsummert|tiivistelmä|pähkinänkuoressa|w skrócie|najważniejsze informacje",
    r"kluczowe wnioski|podsumowanie|shrnutí|hlavní body|stručně|zhrnutie|összefoglaló|röviden|pe scurt|özet",
    r"öne çıkanlar|με μια ματιά|σύνοψη|главное|кратко|коротко|ключевые (?:выводы|моменты)|головне|стисло|накратко",
    r"要点|まとめ|この記事のポイント|摘要|核心要点|重点|핵심 ?요약|요약|أبرز النقاط|ملخص|עיקרי הדברים|בקצרה|मुख्य बातें",
)
_NAME: Final = re.compile(rf"\W*(?:{'|'.join(_NAMES)})\W*", re.IGNORECASE)
_LONGEST: Final = 40  # characters
_ABOVE: Final = 15  # blocks before the story's first
_LEAST: Final = 2  # items
_LISTS: Final = frozenset({"ul", "ol", "menu"})
_WITHIN: Final = 4  # elements from a text to the item it stands in


def names(block: Block) -> bool:
    """Does a line say that a summary follows, and nothing else? What stands in a list is an entry of a menu."""
    return len(block.text) <= _LONGEST and _NAME.fullmatch(block.text) is not None and listed(block) is None


def listed(block: Block) -> Place | None:
    """The item of a list in which a block stands, if it does."""
    place = block.place
    for _ in range(_WITHIN):
        if place is None:
            return None
        if place.tag == "li":
            return place if place.parent is not None and place.parent.tag in _LISTS else None
        place = place.parent
    return None


def boxes(blocks: Sequence[Block], first: int) -> Iterator[int]:
    """The places of summaries shortly before block `first`, where the story begins: their names and their items."""
    for at in range(max(0, first - _ABOVE), first):
        if names(blocks[at]):
            items = _below(blocks[:first], at)
            if len(items) >= _LEAST and not any(_leads_away(blocks[item]) for item in items):
                yield at
                yield from items


def _below(blocks: Sequence[Block], at: int) -> list[int]:
    """The places of the items of the list that begins below a line."""
    found: list[int] = []
    whole = -1
    for item in range(at + 1, len(blocks)):
        place = listed(blocks[item])
        if place is None or place.parent is None or whole not in {-1, place.parent.index}:
            break
        whole = place.parent.index
        found.append(item)
    return found


def _leads_away(block: Block) -> bool:
    """Does it hold a link to another page, or stand in one?"""
    element = block.element
    links = element.iter("a") if element is not None else ()
    away = ("#" not in (link.get("href") or "#") for link in links)
    return any(away) or (block.place is not None and block.place.linked)
