"""What repeats on a site goes after a few articles, and nothing that belongs to an article goes with it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.clean import clean, load_model, sitechrome
from aggregator.clean.blocks import text_blocks
from aggregator.clean.labels import Label
from aggregator.model import Document, Entry, Site, SiteBlock
from aggregator.storage import open_storage, sites
from aggregator.storage.database import Database

NOW = datetime(2024, 3, 5, tzinfo=UTC)
SUBJECTS = ["bridge", "harbour", "market", "school", "library", "tunnel", "ferry", "orchard", "quarry", "theatre"]
VERBS = [
    "opened",
    "closed",
    "moved",
    "burned",
    "flooded",
    "sold",
    "bought",
    "repaired",
    "painted",
    "counted",
    "measured",
]


class Memory:
    """One site's memory, kept in a store as the service keeps it."""

    def __init__(self, database: Database, host: str) -> None:
        self._database, self._host = database, host

    def site(self) -> Site:
        with self._database.read() as connection:
            return sites.load(connection, self._host)

    def learn(self, observed: Mapping[int, str], now: datetime) -> None:
        """One more article of the site."""
        with self._database.write() as connection:
            sites.observe(connection, self._host, observed, now)


@contextmanager
def memory_in(folder: Path, host: str = "town.example") -> Iterator[Memory]:
    with closing(open_storage(f"sqlite:///{folder / 'store.db'}")) as opened:
        yield Memory(opened._database, host)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with memory_in(tmp_path) as kept:
        yield kept


# Chrome that reads like the article: sentences inside its body, with nothing in class names to tell them by.
OLD = (
    "Our reporters work in this region every day, and readers who write to them help to find the stories that matter.",
    "You are reading this because members of the cooperative paid for it to be written, edited and checked by us.",
)
NEW = (
    "The newsroom moved to the old station in spring, and visitors are welcome there on the first Thursday of a month.",
    "Anyone who sees a mistake in this piece can call the desk in the morning, when somebody always answers.",
)


def story(number: int) -> list[str]:
    """Paragraphs that no other story has; two of them are the same: a refrain."""
    subject, verb, name = SUBJECTS[number % 10], VERBS[(number * 5 + number // 10) % 11], spelt(number)
    refrain = f"And the {subject} of {name} stood there in the rain and waited for everybody to come home again."
    return [
        f"On day {number} the {subject} number {name} was {verb} by a group of {spelt(number * 7 % 50)} people.",
        f"Nobody had expected that the {subject} would be {verb} so soon, said the {name} witness that we could ask.",
        refrain,
        f"It took {spelt(number * 3 % 50)} hours and a crane until the {subject} near {name} street was free.",
        refrain,
        f"What comes next for the {subject} will be decided at the {name} meeting of the council this year.",
    ]


def spelt(number: int) -> str:
    tens = ["", "ten", "twenty", "thirty", "forty", "fifty"]
    ones = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return f"{tens[number // 10]}{ones[number % 10]}" if number < 60 else f"many{number}"


def page(number: int, chrome: tuple[str, str]) -> Document:
    lines = story(number)
    body = "".join(f"<p>{line}</p>" for line in [*lines[:3], chrome[0], *lines[3:], chrome[1]])
    html = f"<html lang=en><body><article><h1>Story {spelt(number)} of the town</h1>{body}</article></body></html>"
    return Document(kind="page", body=html, url=f"https://town.example/story-{number}")


def run(memory: Memory, count: int, redesign: int):
    """Cleans `count` articles of a site with memory; gives per article the chrome left in and the own lines lost."""
    left, lost = [], []
    for number in range(count):
        chrome = OLD if number < redesign else NEW
        cleaned = clean(page(number, chrome), None, memory.site(), load_model())
        left.append(sum(line in cleaned.article.text for line in chrome))
        lost.append([line for line in story(number) if line not in cleaned.article.text])
        memory.learn(cleaned.observed, NOW + timedelta(hours=number))
    return left, lost


def test_fifty_articles_and_a_redesign(memory):
    left, lost = run(memory, 50, redesign=30)
    first, after = left[:4], left[4:30]
    assert sum(first) > 0, "the judge alone leaves this chrome in, or the test shows nothing"
    assert sum(after) == 0
    assert sum(left[38:]) == 0, "after the redesign the new chrome goes as well"
    assert lost == [[]] * 50
    assert sitechrome.seen(OLD[0], memory.site())[0] >= 10


def text(number: int, chrome: tuple[str, str]) -> Document:
    lines, title = story(number), f"Story {spelt(number)} of the town"
    body = "\n\n".join([title, *lines[:3], chrome[0], *lines[3:], chrome[1]])
    return Document(kind="text", body=body, title=title, name=f"saved/{number}.txt")


def test_texts_of_one_folder_are_a_site_and_keep_their_refrains(memory):
    left = []
    for number in range(20):
        cleaned = clean(text(number, OLD), None, memory.site(), load_model())
        left.append(sum(line in cleaned.article.text for line in OLD))
        assert cleaned.article.text.split("\n\n").count(story(number)[2]) == 2
        assert all(line in cleaned.article.text for line in story(number))
        memory.learn(cleaned.observed, NOW + timedelta(hours=number))
    assert sum(left[:4]) > 0, "or the test shows nothing"
    assert sum(left[4:]) == 0


INGREDIENTS = ["200 g plain flour", "2 eggs", "1 pinch of salt", "100 g butter, melted", "Olive oil", "Black pepper"]
STEPS = [
    "Preheat the oven to 180 degrees and grease the tin with some butter.",
    "Whisk the eggs with the milk in a large bowl until they are smooth.",
    "Leave it to cool on a wire rack for at least ten minutes before you cut it.",
]


def recipe(number: int, intro: str) -> tuple[Document, list[str]]:
    subject, name, at = SUBJECTS[number % 10], spelt(number), number % 3
    parts = [*INGREDIENTS[at : at + 4], f"{number + 1} {name} {subject} leaves"]
    steps = [*STEPS[:at], f"Fold the {name} leaves of the {subject} into the batter in the tin.", *STEPS[at:]]
    lists = "".join(
        f"<h2>{head}</h2><{tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"
        for head, tag, lines in (("Ingredients", "ul", parts), ("Method", "ol", steps))
    )
    html = f"<html lang=en><body><article><h1>Cake {name} with {subject}</h1>{intro.format(name)}{lists}</article></body></html>"
    return Document(kind="page", body=html, url=f"https://cakes.example/{number}"), [*parts, *steps]


@pytest.mark.parametrize("intro", ["", "<p>This {} cake comes from a book that was found in a drawer last year.</p>"])
def test_a_site_of_recipes_keeps_what_recipes_have_in_common(memory, intro):
    for number in range(25):
        document, lines = recipe(number, intro)
        alone = clean(document, None, Site(), load_model()).article.text.split("\n\n")
        cleaned = clean(document, None, memory.site(), load_model())
        assert cleaned.article.text.split("\n\n") == alone
        assert set(lines) <= set(alone)
        memory.learn(cleaned.observed, NOW + timedelta(hours=number))
    assert sitechrome.seen(STEPS[0], memory.site())[0] == 25, "or the test shows nothing"


def test_a_disclaimer_stays_where_it_stands_first(memory):
    disclaimer = "The views in this piece are those of its author, who has shares in one of the companies named here."
    for number in range(20):
        lines = story(number)
        with_it = [*lines[:4], disclaimer, *lines[4:]] if number in {12, 15} else lines
        html = "".join(f"<p>{line}</p>" for line in with_it)
        document = Document(
            kind="page", body=f"<html><body><article><h1>Of {spelt(number)}</h1>{html}</article></body></html>"
        )
        cleaned = clean(document, None, memory.site(), load_model())
        assert cleaned.article.text.split("\n\n") == with_it
        memory.learn(cleaned.observed, NOW + timedelta(hours=number))


def test_inside_a_story_a_sentence_goes_only_if_it_stands_on_page_after_page():
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE, "Two of its own.")
    now_and_then = remembering(SENTENCE, articles=40, count=6)
    other = SiteBlock(fingerprint=1, articles=2, last_seen=NOW + timedelta(hours=1))
    assert kept(sitechrome.apply(blocks, labels, now_and_then, None)) == [True, False, True]
    later = replace(now_and_then, blocks={**now_and_then.blocks, 1: other})
    assert kept(sitechrome.apply(blocks, labels, later, None)) == [True, True, True]


def test_without_memory_the_chrome_stays():
    text = clean(page(40, OLD), None, Site(), load_model()).article.text
    assert OLD[0] in text or OLD[1] in text


def test_a_first_poll_of_fragments_teaches_too(memory):
    for number in range(20):
        body = "".join(f"<p>{line}</p>" for line in [*story(number), OLD[0]])
        document = Document(kind="fragment", body=body, url=f"https://town.example/story-{number}")
        cleaned = clean(document, Entry(guid=str(number), content=body, text=""), memory.site(), load_model())
        memory.learn(cleaned.observed, NOW)
    assert OLD[0] not in cleaned.article.text
    assert all(line in cleaned.article.text for line in story(19))


def blocks_and_labels(*texts: str, kind: str = "paragraph"):
    blocks = [replace(block, kind=kind) for text in texts for block in text_blocks(text)]
    return blocks, [Label(keep=True, score=0.9, reason="article") for _ in blocks]


def remembering(*texts: str, articles: int = 20, count: int = 18, override: str = "") -> Site:
    known = {}
    for text in texts:
        key = sitechrome.fingerprint(text)
        known[key] = SiteBlock(fingerprint=key, articles=count, last_seen=NOW, sample=text, override=override)
    return Site(host="x", articles=articles, blocks=known)


def kept(labels):
    return [label.keep for label in labels]


SENTENCE = "This sentence stands under every article of the site."


def test_a_repeated_sentence_between_own_ones_goes():
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE, "Two of its own.")
    result = sitechrome.apply(blocks, labels, remembering(SENTENCE), None)
    assert kept(result) == [True, False, True]
    assert result[1].reason == "repeated on this site"


@pytest.mark.parametrize(
    ("site", "entry"),
    [
        (remembering(SENTENCE, count=3), None),  # too few articles
        (remembering(SENTENCE, articles=64, count=5), None),  # a small share of them
        (Site(), None),  # the first article of the site
        (remembering(SENTENCE), Entry(guid="1", text=f"Before. {SENTENCE} After.")),  # the feed says that it belongs
    ],
)
def test_what_is_not_certain_stays(site, entry):
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE, "Two of its own.")
    assert kept(sitechrome.apply(blocks, labels, site, entry)) == [True, True, True]


def test_a_refrain_within_the_article_stays():
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE, "Two of its own.", SENTENCE, "Three.")
    assert all(kept(sitechrome.apply(blocks, labels, remembering(SENTENCE), None)))


def test_a_recipes_headings_stay():
    blocks, labels = blocks_and_labels(
        "Flour from the mill.", "Ingredients", "Two eggs from next door.", kind="heading"
    )
    assert all(kept(sitechrome.apply(blocks, labels, remembering("Ingredients"), None)))


@pytest.mark.parametrize(("count", "stays"), [(6, True), (18, False)])
def test_what_is_said_below_many_lists_stays_but_not_what_is_said_below_all(count, stays):
    lines = ("- eggs", "- flour", "Serve hot with butter and dill.", "Tell your friends.")
    blocks, labels = blocks_and_labels("Dumplings of its own.", *lines)
    site = remembering(*lines, articles=20, count=count)
    assert kept(sitechrome.apply(blocks, labels, site, None)) == [True, True, True, stays, stays]


def test_an_article_that_repeats_as_a_whole_stays():
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE)
    assert all(kept(sitechrome.apply(blocks, labels, remembering("One of its own.", SENTENCE), None)))


def test_the_users_word_goes_before_all():
    blocks, labels = blocks_and_labels("One of its own.", SENTENCE, "Two of its own.")
    removing = remembering("One of its own.", override="remove", count=1)
    assert kept(sitechrome.apply(blocks, labels, removing, None)) == [False, True, True]
    keeping = remembering(SENTENCE, override="keep")
    outside = [replace(label, keep=False) for label in labels]
    assert kept(sitechrome.apply(blocks, outside, keeping, None)) == [False, True, False]


def test_numbers_case_and_marks_make_no_other_block():
    assert sitechrome.fingerprint("12 Comments — join in!") == sitechrome.fingerprint("7 comments: JOIN IN")
    assert sitechrome.fingerprint("Most read") != sitechrome.fingerprint("Most shared")
    assert -(2**63) <= sitechrome.fingerprint("x") < 2**63


def test_what_is_observed_is_bounded_and_kept_blocks_come_first():
    blocks = text_blocks("\n".join(f"line {spelt(n % 60)} {chr(97 + n // 60) * 3}" for n in range(600)))
    marks = [index >= 500 for index in range(len(blocks))]
    found = sitechrome.observed(blocks, marks)
    assert len(found) == sitechrome.MAX_OBSERVED
    assert sitechrome.fingerprint(blocks[550].text) in found
    assert sitechrome.fingerprint(blocks[0].text) in found
    assert sitechrome.observed(text_blocks("1\n2\n!!")) == {}
