"""Pages of one story become one article: every line once, in order, and nothing of another story."""

from dataclasses import replace

from loopback import PARAGRAPHS, page

from aggregator.clean import clean, load_model
from aggregator.clean.joining import AGAIN, joined, on_one_page
from aggregator.model import Cleaned, Document, Further, Site

URL = "https://news.example/tanks"
TITLE = "Fifty-five years since that August"
BIO = "Jan Novak has written about the archives of the former ministry since he was a student in Brno."


def read(number: int, paragraphs: list[str], *, title: str = TITLE, head: str = "") -> Cleaned:
    url = URL if number == 1 else f"{URL}?page={number}"
    html = page(title, paragraphs).replace("</head>", f"{head}</head>")
    cleaned = clean(Document(kind="page", body=html, url=url), None, Site(), load_model())
    return replace(cleaned, further=Further(following=f"{URL}?page={number + 1}", number=number))


def lines(cleaned: Cleaned | None) -> list[str]:
    assert cleaned is not None
    return cleaned.article.text.split("\n\n")


def test_bodies_follow_one_another() -> None:
    first, second = read(1, PARAGRAPHS["tanks"]), read(2, PARAGRAPHS["bridge"])
    story = joined(first, second)
    assert lines(story) == [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]]
    assert story.article.html == first.article.html + second.article.html
    assert (story.article.url, story.article.title) == (URL, TITLE)
    assert story.pages == (URL, f"{URL}?page=2")
    assert story.further.following == f"{URL}?page=3"
    assert set(first.observed) | set(second.observed) == set(story.observed)
    assert story.article.fingerprint not in {first.article.fingerprint, second.article.fingerprint}
    third = joined(story, read(3, PARAGRAPHS["garden"]))
    assert lines(third) == [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"], *PARAGRAPHS["garden"]]


def test_what_pages_repeat_at_their_edges_comes_once_and_the_end_stays_at_the_end() -> None:
    lead = "The archives were opened in part thirty years ago, and only now has somebody read all of their minutes."
    overlap = PARAGRAPHS["tanks"][-1]
    first = read(1, [lead, *PARAGRAPHS["tanks"], BIO])
    second = read(2, [lead, overlap, *PARAGRAPHS["bridge"], BIO])
    assert (BIO in lines(first), lead in lines(second)) == (True, True), "the judge alone keeps them"
    story = joined(first, second)
    assert lines(story) == [lead, *PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"], BIO]
    assert [story.article.html.count(text) for text in (lead, overlap, BIO)] == [1, 1, 1]
    assert AGAIN in {block.reason for block in story.removed}


def test_a_refrain_inside_the_pages_stays() -> None:
    refrain = "And the river went on under the bridges as if nothing of all this had happened in the town above it."
    one = [*PARAGRAPHS["tanks"], refrain, *PARAGRAPHS["garden"]]
    two = [*PARAGRAPHS["bridge"], refrain, *(f"{line} So it was told." for line in PARAGRAPHS["garden"])]
    story = joined(read(1, one), read(2, two))
    assert lines(story).count(refrain) == 2


def test_a_page_that_adds_nothing_is_none_of_it() -> None:
    first = read(1, PARAGRAPHS["tanks"])
    assert joined(first, read(2, PARAGRAPHS["tanks"])) is None
    assert joined(first, read(2, [*PARAGRAPHS["tanks"], "A comment that somebody left below the story."])) is None


def test_another_story_is_none_of_it_unless_a_rule_says_so() -> None:
    first, other = read(1, PARAGRAPHS["tanks"]), read(2, PARAGRAPHS["bridge"], title="Railway bridge to close")
    assert joined(first, other) is None
    stated = replace(first, further=replace(first.further, stated=True))
    assert lines(joined(stated, other)) == [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]]
    away = read(2, PARAGRAPHS["bridge"], head='<link rel=canonical href="https://news.example/bridge">')
    assert joined(first, away) is None
    home = read(2, PARAGRAPHS["bridge"], head=f'<link rel=canonical href="{URL}">')
    assert joined(first, home) is not None


def test_a_story_ends_as_its_last_page_does() -> None:
    second = read(2, PARAGRAPHS["bridge"])
    walled = replace(second, article=replace(second.article, quality="paywalled"))
    assert joined(read(1, PARAGRAPHS["tanks"]), walled).article.quality == "paywalled"
    cut = read(1, PARAGRAPHS["tanks"])
    cut = replace(cut, article=replace(cut.article, quality="teaser"))
    assert joined(cut, second).article.quality == "full"


def test_one_page_with_all_of_it_stands_for_the_rest() -> None:
    first = read(1, PARAGRAPHS["tanks"])
    whole = read(2, [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]], title="Print: Fifty-five years")
    story = on_one_page(first, whole)
    assert lines(story) == [*PARAGRAPHS["tanks"], *PARAGRAPHS["bridge"]]
    assert (story.article.url, story.article.title, story.further) == (URL, TITLE, Further())
    assert story.pages == (URL, f"{URL}?page=2")
    assert on_one_page(whole, first) is None
