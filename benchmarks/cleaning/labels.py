"""Which blocks of a page belong to its gold text: an alignment that minds the order.

A short line ("Home", "1.") is content only where the gold has it, between the neighbours it has there. Of several
copies of a passage the one that continues its neighbours counts, the others are surplus.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_TOKEN = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff]|[^\W_]+")
_GRAM = 4
_CANDIDATES = 4  # places in the gold that one block may take


@dataclass(frozen=True)
class Span:
    """Block `block` stands in the gold's tokens from `start` to `stop`; `matched` of its tokens do."""

    block: int
    start: int
    stop: int
    matched: int


def tokens(text: str) -> list[str]:
    """Words, but of scripts without spaces characters."""
    return _TOKEN.findall(text.lower())


def align(texts: Sequence[str], gold: str) -> np.ndarray:
    """The share of each block's tokens that the gold has of it, 0 to 1."""
    gold_tokens = tokens(gold)
    blocks = [tokens(text) for text in texts]
    grams = _index(gold_tokens)
    lines = _line_starts(gold)
    spans = [span for number, block in enumerate(blocks) for span in _spans(number, block, gold_tokens, grams, lines)]
    chosen = _chain(spans)
    chosen += _left_over(spans, chosen, len(gold_tokens), blocks)
    share = np.zeros(len(blocks))
    for span in chosen:
        share[span.block] = max(share[span.block], span.matched / len(blocks[span.block]))
    return share


def _index(gold: list[str]) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for size in range(1, _GRAM + 1):
        for at in range(len(gold) - size + 1):
            found[tuple(gold[at : at + size])].append(at)
    return found


def _line_starts(gold: str) -> dict[int, int]:
    """Token positions at which a gold line starts, and where it stops."""
    starts, at = {}, 0
    for line in gold.splitlines():
        size = len(tokens(line))
        if size:
            starts[at] = at + size
        at += size
    return starts


def _spans(number, block, gold, grams, lines) -> list[Span]:
    if not block:
        return []
    if len(block) < _GRAM:
        return _short_spans(number, block, grams, lines)
    diagonals: dict[int, int] = defaultdict(int)
    for offset in range(len(block) - _GRAM + 1):
        for at in grams.get(tuple(block[offset : offset + _GRAM]), ())[:12]:
            diagonals[(at - offset) // 8] += 1
    best = sorted(diagonals, key=diagonals.get, reverse=True)[:_CANDIDATES]
    spans = []
    for diagonal in best:
        span = _matched(number, block, grams, diagonal * 8, len(gold))
        if span is not None and span.matched >= 0.3 * len(block):
            spans.append(span)
    return spans


def _matched(number, block, grams, shift, size) -> Span | None:
    """The block's tokens found near the diagonal, which may wander with words the gold leaves out or adds."""
    covered = np.zeros(len(block), dtype=bool)
    low, high = size, 0
    slack = 24 + len(block) // 4
    for offset in range(len(block) - _GRAM + 1):
        for at in grams.get(tuple(block[offset : offset + _GRAM]), ()):
            if abs(at - offset - shift) <= slack:
                covered[offset : offset + _GRAM] = True
                low, high = min(low, at), max(high, at + _GRAM)
                break
    return Span(number, low, high, int(covered.sum())) if covered.any() else None


def _short_spans(number, block, grams, lines) -> list[Span]:
    places = grams.get(tuple(block), ())
    whole = [at for at in places if lines.get(at) == at + len(block)]
    part = [at for at in places if at in lines and lines[at] > at + len(block)]
    rest = places if len(places) <= _CANDIDATES else ()
    listed = list(dict.fromkeys([*whole[:24], *part[:8], *rest]))
    return [Span(number, at, at + len(block), len(block)) for at in listed]


def _chain(spans: list[Span]) -> list[Span]:
    """The heaviest run of spans that goes forward in the page and in the gold; jumps cost a little."""
    spans.sort(key=lambda span: (span.block, span.start))
    if not spans:
        return []
    block = np.array([span.block for span in spans])
    start = np.array([span.start for span in spans])
    stop = np.array([span.stop for span in spans])
    gain = np.array([span.matched - 0.4 for span in spans])
    best = np.zeros(len(spans))
    before = np.full(len(spans), -1)
    for now in range(len(spans)):
        overlap = np.maximum(stop[:now] - start[now], 0)
        usable = (block[:now] < block[now]) & (overlap <= 2)
        jump = np.minimum(np.log2(block[now] - block[:now] + 0.0, where=usable, out=np.zeros(now)), 6) * 0.35
        gap = np.minimum(np.log2(np.maximum(start[now] - stop[:now], 0) + 1.0), 8) * 0.1
        value = np.where(usable, best[:now] - jump - gap - overlap, -1.0)
        link = int(np.argmax(value)) if now else -1
        if now and value[link] > 0:
            best[now], before[now] = gain[now] + value[link], link
        else:
            best[now] = gain[now]
    at, chosen = int(np.argmax(best)), []
    while at >= 0:
        chosen.append(spans[at])
        at = int(before[at])
    return chosen


def _left_over(spans, chosen, size, blocks) -> list[Span]:
    """Longer passages that the gold has in another order than the page."""
    covered = np.zeros(size + 1, dtype=bool)
    for span in chosen:
        covered[span.start : span.stop] = True
    taken = {span.block for span in chosen}
    extra = []
    for span in sorted(spans, key=lambda span: -span.matched):
        free = ~covered[span.start : span.stop]
        if span.block in taken or span.matched < 8 or span.matched < 0.6 * len(blocks[span.block]) or free.mean() < 0.7:
            continue
        covered[span.start : span.stop] = True
        taken.add(span.block)
        extra.append(span)
    return extra


def from_snippets(texts: Sequence[str], wanted: Sequence[str], unwanted: Sequence[str]) -> np.ndarray:
    """1 for a block that holds (or is in) a wanted snippet, 0 for an unwanted one, nan for the others."""
    bare = ["".join(tokens(text)) for text in texts]
    labels = np.full(len(texts), np.nan)
    for snippets, value in ((unwanted, 0.0), (wanted, 1.0)):
        for snippet in ("".join(tokens(snippet)) for snippet in snippets):
            for number, block in enumerate(bare):
                if snippet and (
                    snippet in block or (block in snippet and len(block) >= min(16, 0.5 * len(snippet)) and block)
                ):
                    labels[number] = value
    return labels
