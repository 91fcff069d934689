"""How the judge learns: a lexicon from many sites, a finder of headlines, and a boosting over blocks.

What a document is judged by never comes from its own site: neither when it is trained on (its site's words are taken
out of the lexicon first) nor when it is scored.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from dataset import Page, same

from aggregator.clean.columns import Table
from aggregator.clean.features import Around, told
from aggregator.clean.lexicon import BITS, Lexicon, lexical, pair_keys, word_keys

_WORD = re.compile(r"\w+")
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "max_bin": 63,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 40,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
TREES = 220
HEADLINE_TREES = 60
FOLDS = 4
WORTH = {"multilingual": 3.0, "invented": 0.7}  # weight of a block: few of a page's blocks are labelled by snippets
_MOST = 3  # a word counts at most so often for one site
_PRIOR = 2.0


def fold_of(site: str) -> int:
    """Which fold a site's documents are scored in."""
    return zlib.crc32(site.encode()) % FOLDS


@dataclass
class Votes:
    """How many sites have a key of the lexicon in content, and how many around it: [words or pairs, side, key]."""

    counts: np.ndarray

    @classmethod
    def none(cls) -> "Votes":
        return cls(np.zeros((2, 2, 1 << BITS), dtype=np.float32))

    def lexicon(self) -> Lexicon:
        """The log odds of content, drawn to nothing where there are few votes."""
        tables = []
        for content, other in self.counts:
            part = content.sum() / max(content.sum() + other.sum(), 1)
            if not 0 < part < 1:
                tables.append(np.zeros(1 << BITS, dtype=np.float32))
                continue
            odds = np.log((content + _PRIOR * part) / (other + _PRIOR * (1 - part))) - np.log(part / (1 - part))
            tables.append(rounded(odds))
        return Lexicon(*tables)


def rounded(odds: np.ndarray) -> np.ndarray:
    """To the steps in which a lexicon is stored."""
    return (np.clip(np.rint(odds * STEPS), -127, 127) / STEPS).astype(np.float32)


STEPS = 24


def votes(pages: Iterable[Page]) -> dict[str, Votes]:
    """Each site's votes."""
    keys: dict[str, list[list[list[np.ndarray]]]] = defaultdict(lambda: [[[], []], [[], []]])
    for page in usable(pages):
        if page.source == "invented":
            continue  # its words are another document's
        for kind, (of, key) in enumerate((word_keys(page.shapes), pair_keys(page.shapes))):
            share = page.labels[of]
            keys[page.site][kind][0].append(key[share >= 0.5])
            keys[page.site][kind][1].append(key[share < 0.5])
    found = {}
    for site, kinds in keys.items():
        counts = np.zeros((2, 2, 1 << BITS), dtype=np.float32)
        for kind, sides in enumerate(kinds):
            for side, parts in enumerate(sides):
                times = np.bincount(np.concatenate(parts), minlength=1 << BITS)
                counts[kind, side] = np.where(times > 0, np.minimum(times, _MOST) / _MOST + 0.5, 0)
        found[site] = Votes(counts)
    return found


def usable(pages: Iterable[Page]) -> Iterator[Page]:
    """Those with a label, and whose gold text stands in their blocks at all."""
    for page in pages:
        known = page.labels[~np.isnan(page.labels)]
        if len(known) and not (page.gold and known.max() <= 0):
            yield page


@dataclass
class Judge:
    """What is learnt from one set of documents."""

    booster: lightgbm.Booster
    headlines: lightgbm.Booster | None  # for texts, which don't state their title
    lexicon: Lexicon | None  # likewise

    def matrix(self, page: Page) -> np.ndarray:
        """A document's rows."""
        return rows_of(page, self.lexicon, around(page, self.headlines))

    def scores(self, page: Page) -> np.ndarray:
        """The probability of each block."""
        return self.booster.predict(self.matrix(page), num_threads=1)


def around(page: Page, headlines: lightgbm.Booster | None) -> Around:
    """What the document says of itself, or the headline found in it."""
    if page.around is not None:
        return page.around
    assert headlines is not None
    return Around(title=page.texts[int(np.argmax(headlines.predict(page.matrix, num_threads=1)))])


def rows_of(page: Page, lexicon: Lexicon | None, known: Around) -> np.ndarray:
    """As features.features gives them."""
    table = Table(len(page.texts))
    told(table, page.shapes, known)
    if lexicon is not None:
        lexical(table, page.shapes, lexicon)
    return np.hstack([page.matrix, table.matrix()])


def learn(pages: Sequence[Page], trees: int = TREES, parameters: Mapping[str, object] | None = None) -> Judge:
    """A judge for documents like these."""
    texts = any(page.around is None for page in pages)
    by_site = votes(pages) if texts else {}
    total = np.sum([each.counts for each in by_site.values()], axis=0)
    guess = _guesses(pages) if texts else {}
    matrices, labels, weights = [], [], []
    lexicons: dict[str, Lexicon] = {}
    for page in usable(pages):
        if texts and page.site not in lexicons:
            lexicons = {page.site: Votes(total - by_site[page.site].counts).lexicon()}
        known = ~np.isnan(page.labels)
        matrices.append(rows_of(page, lexicons.get(page.site), page.around or guess[page.key])[known])
        labels.append(page.labels[known] >= 0.5)
        weights.append(_weights(page)[known])
    data = lightgbm.Dataset(np.vstack(matrices), np.concatenate(labels).astype(float), weight=np.concatenate(weights))
    booster = lightgbm.train({**PARAMETERS, **(parameters or {})}, data, trees)
    return Judge(booster, finder(pages) if texts else None, Votes(total).lexicon() if texts else None)


def _weights(page: Page) -> np.ndarray:
    words = np.array([len(_WORD.findall(text)) for text in page.texts])
    doubt = np.where(np.abs(page.labels - 0.5) < 0.25, 0.5, 1.0)
    return (1 + np.log1p(words)) * doubt * WORTH.get(page.source, 1.0)


def finder(pages: Iterable[Page]) -> lightgbm.Booster:
    """Tells a text's headline from its other lines."""
    matrices, labels = [], []
    for page in pages:
        hit = np.array([same(text, page.headline) for text in page.texts])
        if hit.any():
            matrices.append(page.matrix)
            labels.append(hit)
    parameters = {**PARAMETERS, "num_leaves": 15, "learning_rate": 0.1}
    return lightgbm.train(
        parameters, lightgbm.Dataset(np.vstack(matrices), np.concatenate(labels).astype(float)), HEADLINE_TREES
    )


def _guesses(pages: Sequence[Page]) -> dict[tuple[str, str], Around]:
    """Each text's headline as found by one that learnt from other sites."""
    halves: list[list[Page]] = [[], []]
    for page in pages:
        halves[zlib.crc32(page.site.encode()) // FOLDS % 2].append(page)
    return {
        page.key: around(page, booster)
        for half in (0, 1)
        for booster in [finder(halves[1 - half])]
        for page in halves[half]
    }


def out_of_fold(
    pages: Sequence[Page], make: Callable[[Sequence[Page]], Judge] = learn
) -> dict[tuple[str, str], np.ndarray]:
    """Each document's scores by a judge that never saw its site."""
    found = {}
    for fold in range(FOLDS):
        judge = make([page for page in pages if fold_of(page.site) != fold])
        found |= {page.key: judge.scores(page) for page in pages if fold_of(page.site) == fold}
    return found
