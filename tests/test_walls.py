"""Pages as the web has them: a wall is never put out as a story, and a story is never called a wall."""

import pytest
import walls

from aggregator.clean import clean, load_model
from aggregator.model import Article, Document, Site


def article(case: walls.Case) -> Article:
    graph = f'<script type="application/ld+json">{{"@type":"NewsArticle",{case.graph}}}</script>' if case.graph else ""
    head = f"<head><meta charset=utf-8><title>{case.title}</title>{graph}</head>"
    page = f"<!DOCTYPE html><html lang={case.lang}>{head}<body>{case.body}</body></html>"
    return clean(Document(kind="page", body=page, url=case.url), None, Site(), load_model()).article


def named(*groups: tuple[walls.Case, ...]) -> list[object]:
    return [pytest.param(case, id=case.name) for group in groups for case in group]


@pytest.mark.parametrize("case", named(walls.ROBOTS, walls.CONSENTS, walls.NOTHING))
def test_a_wall_is_never_put_out(case):
    found = article(case)
    assert (found.quality, found.text, found.html) == ("blocked", "", "")


@pytest.mark.parametrize("case", named(walls.GATES))
def test_what_stands_before_a_paywall_is_put_out_without_it(case):
    found = article(case)
    assert found.quality == "paywalled"
    assert found.text.startswith(("For as long as", "昨年の冬の"))
    assert found.text.endswith(("another bed.", "描き直している。"))


@pytest.mark.parametrize("case", named(walls.STORIES))
def test_a_story_is_never_called_a_wall(case):
    found = article(case)
    assert found.quality == "full"
    assert found.text


@pytest.mark.parametrize("case", named(walls.EMPTY))
def test_a_page_without_words_is_empty(case):
    found = article(case)
    assert (found.quality, found.text) == ("empty", "")
