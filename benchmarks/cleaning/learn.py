"""How the judge learns: a lexicon from many sites, a finder of headlines, and a boosting over blocks.

What a document is judged by never comes from its own site: neither when it is trained on (its columns come from a
lexicon and a finder that learnt from other sites) nor when it is scored.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from dataset import Page, same
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from aggregator.clean.columns import Table
from aggregator.clean.features import Around, told
from aggregator.clean.lexicon import BITS, TABLES, Lexicon, keys, lexical

_WORD = re.compile(r"\w+")
PARAMETERS = {
    "objective": "binary",
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
PAGE_TREES = (220, 0.08)  # how many, and the learning rate
TEXT_TREES = (110, 0.15)  # as good as twice as many at half the rate
HEADLINE_TREES = (60, 0.1)
FOLDS = 4
WORTH = {"multilingual": 3.0, "invented": 0.7}  # weight of a block: few of a page's blocks are labelled by snippets
PARTS = 3  # into which the sites fall that are trained on
STEPS = 16  # of a lexicon's weights to one, as they are stored


def fold_of(site: str) -> int:
    """Which fold a site's documents are scored in."""
    return zlib.crc32(site.encode()) % FOLDS


def lexicon_of(pages: Iterable[Page]) -> Lexicon:
    """What words say, by a logistic regression over all blocks."""
    read = [page for page in usable(pages) if page.source != "invented"]  # whose words are another document's
    shares = np.concatenate([page.labels for page in read])
    weights = np.concatenate([_weights(page) for page in read])
    known = ~np.isnan(shares)
    model = SGDClassifier(loss="log_loss", alpha=1e-5, average=True, max_iter=6, tol=None, random_state=1)
    model.fit(_counted(read)[known], shares[known] >= 0.5, sample_weight=weights[known] / weights[known].mean())
    return Lexicon((np.clip(np.rint(model.coef_[0] * STEPS), -127, 127) / STEPS).astype(np.float32))


def _counted(pages: Sequence[Page]) -> csr_matrix:
    """The keys of each block, as lexicon.lexical counts them: [block, key]."""
    rows, columns, first = [], [], 0
    for page in pages:
        of, key = keys(page.shapes)
        rows.append(of + first)
        columns.append(key)
        first += page.shapes.size
    row = np.concatenate(rows)
    share = 1 / np.sqrt(np.maximum(np.bincount(row, minlength=first), 1))
    return csr_matrix((share[row].astype(np.float32), (row, np.concatenate(columns))), shape=(first, TABLES << BITS))


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


def learn(pages: Sequence[Page]) -> Judge:
    """A judge for documents like these: all pages, or all texts."""
    texts = any(page.around is None for page in pages)
    matrices, labels, weights = [], [], []
    for page, matrix in _text_rows(pages) if texts else _page_rows(pages):
        known = ~np.isnan(page.labels)
        matrices.append(matrix[known])
        labels.append(page.labels[known] >= 0.5)
        weights.append(_weights(page)[known])
    data = lightgbm.Dataset(np.vstack(matrices), np.concatenate(labels).astype(float), weight=np.concatenate(weights))
    trees, rate = TEXT_TREES if texts else PAGE_TREES
    booster = lightgbm.train(PARAMETERS | {"learning_rate": rate}, data, trees)
    return Judge(booster, finder(pages) if texts else None, lexicon_of(pages) if texts else None)


def _page_rows(pages: Sequence[Page]) -> Iterator[tuple[Page, np.ndarray]]:
    for page in usable(pages):
        assert page.around is not None
        yield page, rows_of(page, None, page.around)


def _text_rows(pages: Sequence[Page]) -> Iterator[tuple[Page, np.ndarray]]:
    """Each text as a lexicon and a finder of headlines see it that learnt from other sites."""
    parts = [zlib.crc32(page.site.encode()) // FOLDS % PARTS for page in pages]
    for part in range(PARTS):
        others = [page for page, its in zip(pages, parts, strict=True) if its != part]
        lexicon, headlines = lexicon_of(others), finder(others)
        for page in usable(page for page, its in zip(pages, parts, strict=True) if its == part):
            yield page, rows_of(page, lexicon, around(page, headlines))


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
    trees, rate = HEADLINE_TREES
    data = lightgbm.Dataset(np.vstack(matrices), np.concatenate(labels).astype(float))
    return lightgbm.train(PARAMETERS | {"num_leaves": 15, "learning_rate": rate}, data, trees)


def out_of_fold(
    pages: Sequence[Page], make: Callable[[Sequence[Page]], Judge] = learn
) -> dict[tuple[str, str], np.ndarray]:
    """Each document's scores by a judge that never saw its site."""
    found = {}
    for fold in range(FOLDS):
        judge = make([page for page in pages if fold_of(page.site) != fold])
        found |= {page.key: judge.scores(page) for page in pages if fold_of(page.site) == fold}
    return found
