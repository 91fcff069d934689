"""What is told of a feed's trouble: begun once, over once, nothing in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator import polling, trouble
from aggregator.errors import ERROR_CLASSES, FetchError
from aggregator.model import Entry, Feed, FeedState, FetchResult, ParsedFeed

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://me:s3cret@news.example.org/rss"
FEED = Feed(url=URL, name="News")


class Life:
    """One feed's polls, each an hour or more after the one before it."""

    def __init__(self, feed: Feed = FEED, state: FeedState | None = None) -> None:
        self.feed, self.state, self.now = feed, state or FeedState(url=feed.url), START
        self.told: list[trouble.Event] = []

    def _judged(self, after: FeedState) -> list[str]:
        self.state, events = trouble.judge(self.state, after, self.feed, now=self.now)
        self.told += events
        return [event.kind for event in events]

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def fails(self, kind: str = "timeout", message: str = "no answer") -> list[str]:
        self.later(hours=1)
        error = FetchError(message, error_class=kind)
        return self._judged(polling.after_error(self.state, self.feed, error, now=self.now, jitter=0.0))

    def answers(self, new: int = 0, moved_to: str = "", hours: float = 1) -> list[str]:
        self.later(hours=hours)
        result = FetchResult(url=URL, final_url=URL, status=200, body=b"x", moved_to=moved_to)
        dates = [self.now - timedelta(hours=2 * number) for number in range(new)]
        parsed = ParsedFeed(kind="rss20", entries=tuple(Entry(guid=str(date), published=date) for date in dates))
        after = polling.after_success(self.state, self.feed, result, parsed, now=self.now, jitter=0.0, new_entries=new)
        return self._judged(after)


def test_broken_is_told_once_and_back_once() -> None:
    life = Life()
    assert life.answers(new=5) == []
    assert [life.fails() for _ in range(trouble.FAILURES - 1)] == [[]] * (trouble.FAILURES - 1)
    assert life.fails(message="news.example.org: no answer in 30 s") == ["broken"]
    assert [life.fails() for _ in range(50)] == [[]] * 50
    assert life.answers() == ["back"]
    assert life.answers() == []
    broken, back = life.told
    assert broken.title == "News is failing"
    assert "since 1 March 2026" in broken.text
    assert "no answer in 30 s" in broken.text
    assert "total_timeout" in broken.text
    assert (back.title, back.text) == ("News is back", "It answers again, after 2 days.")


def test_asking_by_hand_makes_nothing_broken() -> None:
    life = Life(replace(FEED, interval=timedelta(days=1)))
    life.answers(new=1)
    assert [life.fails() for _ in range(20)] == [[]] * 20


def test_a_feed_that_never_worked_is_broken_too() -> None:
    life = Life()
    assert [life.fails("dns") for _ in range(4)] == [[], [], [], ["broken"]]
    assert "so far" in life.told[0].text
    assert life.answers(new=1) == ["back"]
    assert life.told[1].text == "It answers again."


def test_gone_is_told_once_also_after_broken() -> None:
    life = Life()
    life.answers(new=1)
    for _ in range(4):
        life.fails()
    assert life.fails("gone") == ["gone"]
    assert life.fails("gone") == []
    assert "410" in life.told[-1].text
    assert life.answers() == ["back"]


def test_moved_names_the_new_address_without_its_password() -> None:
    life = Life()
    new = "https://me:s3cret@new.example.org/rss"
    told = [life.answers(moved_to=new, hours=25) for _ in range(6)]
    assert sorted(map(tuple, told)) == [(), (), (), (), (), ("moved",)]
    assert "https://new.example.org/rss" in life.told[0].text
    assert "s3cret" not in life.told[0].text + life.told[0].title


def test_silence_is_judged_by_the_feeds_own_rhythm() -> None:
    busy, rare = Life(), Life()
    for _ in range(20):
        busy.answers(new=1, hours=3)
        rare.answers(new=1, hours=24 * 20)
    assert busy.answers(hours=24 * 13) == []
    assert busy.answers(hours=24 * 2) == ["silent"]
    assert "since" in busy.told[0].text
    assert "every 3 hours" in busy.told[0].text
    assert busy.answers(hours=24 * 9) == []
    assert busy.answers(new=1) == ["back"]
    assert busy.told[1].text == "New stories come again, after 24 days."
    assert rare.answers(hours=24 * 150) == []
    assert rare.answers(hours=24 * 20) == ["silent"]


def test_who_was_silent_that_long_before_is_not_silent() -> None:
    life = Life()
    for _ in range(5):
        life.answers(new=1, hours=3)
    assert life.answers(hours=24 * 20) == ["silent"]
    assert life.answers(new=9) == ["back"]
    assert life.answers(hours=24 * 20) == []
    assert life.answers(hours=24 * 25) == ["silent"]


def test_names() -> None:
    assert trouble.name_of(FEED, FeedState(url=URL, title="T")) == "News"
    unnamed = replace(FEED, name=URL)
    assert trouble.name_of(unnamed, FeedState(url=URL, title="T")) == "T"
    assert trouble.name_of(unnamed, FeedState(url=URL)) == "news.example.org"


STEP = st.one_of(
    st.tuples(st.just("fails"), st.sampled_from(sorted(ERROR_CLASSES))),
    st.tuples(st.just("answers"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
)


@given(st.lists(STEP, max_size=60))
def test_trouble_and_its_end_take_turns(steps: list[tuple[str, object]]) -> None:
    life = Life()
    for name, value in steps:
        if name == "fails":
            life.fails(str(value))
        elif name == "answers":
            life.answers(new=int(str(value)))
        else:
            life.later(days=int(str(value)))
    kinds = [event.kind for event in life.told if event.kind != "moved"]
    for first, second in zip(["back", *kinds], kinds, strict=False):
        assert first != second  # never the same news twice in a row
        assert second != "back" or first != "back"
    assert life.state.trouble == ("" if not kinds or kinds[-1] == "back" else kinds[-1])
    assert all(event.text.isprintable() or "\n\n" in event.text for event in life.told)
