"""Stories, feeds and a store in memory, for tests of what readers get. The store answers as the real one does."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape

from aggregator.errors import StorageError
from aggregator.model import Copy, Enclosure, Feed, FeedState, Glance, Source, Story
from aggregator.publish import FORMATS, channel
from aggregator.publish.channel import PAGE_SIZE, Place, page_of
from aggregator.query import Subject, matches
from aggregator.trouble import Event
from aggregator.websub import Subscription

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
INSTANCE = "5f3c1f6e-5d1b-4f0e-9a51-0d3d1f3ce9a1"


@dataclass(frozen=True)
class Output:
    name: str
    title: str
    query: str = ""


@dataclass(frozen=True)
class Settings:
    title: str = "The morning shelf"
    base_url: str = "http://127.0.0.1:8080"
    listen_host: str = "127.0.0.1"
    token: str = ""
    limit: int = 50
    feeds: tuple[Feed, ...] = ()
    outputs: tuple[Output, ...] = ()


@dataclass
class Shelf:
    """`broken` makes every answer fail as a store does that can't be read; `reads` counts the calls that cost."""

    stories: list[Story] = field(default_factory=list)
    states: dict[str, FeedState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    subscribed: list[Subscription] = field(default_factory=list)
    instance_id: str = INSTANCE
    change: int = 0
    broken: str = ""
    reads: int = 0

    def add(self, *stories: Story) -> None:
        self.stories.extend(stories)
        self.change += 1

    def edit(self, key: int, **changes) -> None:
        self.stories = [replace(story, **changes) if story.key == key else story for story in self.stories]
        self.change += 1

    def delete(self, key: int) -> None:
        self.stories = [story for story in self.stories if story.key != key]
        self.change += 1

    def changes(self) -> int:
        self._check()
        return self.change

    def live(self, limit: int, now: datetime) -> list[Story]:
        return self._newest()[:limit]

    def search(self, query, *, limit, now, before=None, live=False) -> list[Story]:
        found = (story for story in self._newest() if before is None or story.number < before)
        return [story for story in found if matches(query, _subject(story), now=now)][:limit]

    def story(self, key: int) -> Story | None:
        return next((story for story in self._newest() if story.key == key), None)

    def last_number(self) -> int:
        return max((story.number for story in self._newest()), default=0)

    def archives(self) -> int:
        return self.last_number() // PAGE_SIZE

    def archive(self, page: int) -> list[Story]:
        return [story for story in self._newest() if page_of(story.number) == page + 1]

    def feed_states(self) -> dict[str, FeedState]:
        self._check()
        return dict(self.states)

    def glances(self) -> dict[str, Glance]:
        self._check()
        return {
            url: Glance(status=state.status, asked=state.last_attempt is not None, next_poll=state.next_poll)
            for url, state in self.states.items()
        }

    def troubles(self, limit: int) -> list[Event]:
        self._check()
        return self.events[:limit]

    def subscriptions(self) -> list[Subscription]:
        self._check()
        return list(self.subscribed)

    def _newest(self) -> list[Story]:
        self._check()
        self.reads += 1
        return sorted(self.stories, key=lambda story: story.number, reverse=True)

    def _check(self) -> None:
        if self.broken:
            raise StorageError(self.broken)


def _subject(story: Story) -> Subject:
    return Subject(
        title=story.title,
        text=story.text,
        author=story.author,
        url=story.url,
        feed=story.source.name,
        tags=story.tags,
        language=story.language,
        published=story.published,
    )


def story(number: int = 1, **changes) -> Story:
    """A plain story; the higher the number, the newer."""
    moment = NOW - timedelta(days=400) + timedelta(hours=number)
    given = {
        "key": number,
        "id": f"https://example.org/stories/{number}",
        "number": number,
        "title": f"Story {number}",
        "url": f"https://example.org/stories/{number}",
        "published": moment,
        "updated": moment,
        "entered_at": moment,
        "language": "en",
        "html": f"<p>The text of story {number}.</p>",
        "text": f"The text of story {number}.",
        "source": Source(
            feed_url="https://example.org/rss.xml",
            name="Example",
            title="The Example",
            site_url="https://example.org/",
            language="en",
            updated=moment,
        ),
    }
    return Story(**{**given, **changes})


_LONG = """
<p>The archive opened on a Monday, in the rain, and the queue went twice around the block. Most of those waiting had
come for a single folder: a name, a street, the month of August.</p>
<p>“We had expected historians,” said the director, <a href="https://example.org/people/novak">Jana Nováková</a>, “and
what came were grandchildren.”</p>
<h2>What the folders hold</h2>
<p>Much of it is paper of the dullest sort. There are fuel receipts, lists of boots, a complaint about a broken stove.
In between, without any change of tone, stands the order to move:</p>
<blockquote><p>Units of the second echelon are to cross the line at 23:00 and to proceed
without lights.</p></blockquote>
<ul><li>11 million pages, of which a third is scanned</li><li>4,200 photographs, most of them unlabelled</li>
<li>One reel of tape that nobody has dared to play</li></ul>
<p>The reading room seats forty. It has been full since, and the staff have begun to hand out numbers.</p>
<h3>How to ask for one</h3>
<table><thead><tr><th>Kind</th><th>Waiting time</th><th>Cost</th></tr></thead><tbody><tr><td>Personal file</td>
<td>six weeks</td><td>none</td></tr><tr><td>Photograph</td><td>ten days</td><td>40 a print</td></tr></tbody></table>
<p>Requests in writing are answered in the order they come in. <code>REF-1968/08</code> is the most wanted.</p>
"""


def shelf() -> Shelf:
    """A store as a reader finds it on a Sunday morning."""
    filled = Shelf()
    filled.add(*(story(number, **given) for number, given in enumerate(reversed(_ENTRIES), 1)))
    filled.states = {state.url: state for state in _STATES}
    return filled


def settings(**changes) -> Settings:
    """The configuration that belongs to `shelf`."""
    given = {"feeds": _FEEDS, "outputs": (Output("prague", "The Prague Spring in the news", "prague OR archive"),)}
    return Settings(**{**given, **changes})


def _line(hours: float, name: str, site: str, title: str, summary: str, **changes) -> dict:
    """What `story` takes, of a story of so many hours ago."""
    moment = NOW - timedelta(hours=hours)
    language = changes.get("language", "en")
    source = Source(
        feed_url=f"https://{site}/feed", name=name, title=name, site_url=f"https://{site}/", language=language
    )
    return {
        "id": f"https://{site}/{int(hours * 10)}",
        "url": f"https://{site}/{int(hours * 10)}",
        "title": title,
        "summary": summary,
        "html": f"<p>{escape(summary)}</p>" if summary else "",
        "text": summary,
        "published": moment,
        "updated": moment,
        "entered_at": moment,
        "source": source,
        **changes,
    }


_ENTRIES = (
    _line(
        0.4,
        "The Courier",
        "courier.example",
        "The archive of August opens, and the queue goes around the block",
        "For the first time since 1968 anybody can ask for the files of the invasion. Most who came were not "
        "historians, and the reading room has been full ever since.",
        html=_LONG,
        author="Ellen Marsh",
        tags=("history", "archives"),
        copies=(
            Copy(url="https://wire.example/a1", source="Wire"),
            Copy(url="https://abend.example/77", source="Abendblatt"),
        ),
    ),
    _line(
        1.2,
        "Abendblatt",
        "abend.example",
        "Warum der Fluss im November so niedrig steht",
        "Seit Wochen fehlt der Regen. Die Schiffe fahren mit halber Ladung, und in den Auen treten Mauern zutage, "
        "die seit dem achtzehnten Jahrhundert niemand gesehen hat.",
        language="de",
    ),
    _line(
        2.9,
        "Field notes",
        "notes.example",
        "A small language for asking questions of a mailbox",
        "Notes on a parser of two hundred lines, what it leaves out, and why that is most of what makes it pleasant.",
        tags=("software",),
        author="R. Okafor",
    ),
    _line(
        5.5,
        "الجريدة",
        "aljarida.example",
        "افتتاح أرشيف الصيف بعد نصف قرن من الانتظار",
        "للمرة الأولى منذ عام ١٩٦٨ يستطيع أي شخص أن يطلب ملفات الغزو. معظم من جاؤوا لم يكونوا مؤرخين.",
        language="ar",
        direction="rtl",
        tags=("history",),
    ),
    _line(
        21,
        "朝の便り",
        "asa.example",
        "川の水位が下がり、十八世紀の石垣が姿を現す",
        "数週間にわたって雨が降らず、船は積み荷を半分に減らして航行している。河原では長く忘れられていた石垣が見つかった。",
        language="ja",
    ),
    _line(
        23,
        "Wire",
        "wire.example",
        "Rail line through the pass to reopen in spring",
        "After nine years of work, trains are to run again between the two valleys. The first is to leave on 21 March.",
        quality="teaser",
    ),
    _line(27, "The Courier", "courier.example", "What a slow newspaper can do that a quick one cannot", ""),
    _line(
        49,
        "Новости долины",
        "dolina.example",
        "Поезда снова пойдут через перевал весной",
        "После девяти лет работ поезда снова свяжут две долины. Первый отправится двадцать первого марта.",
        language="ru",
    ),
    _line(
        52,
        "Field notes",
        "notes.example",
        "Averyveryverylongwordwithoutanyplacetobreakitwhichsomefeedsdohaveintheirtitles and then <b>tags</b> & more",
        "<script>alert(1)</script> stays text.",
        enclosures=(Enclosure(url="https://notes.example/talk.mp3", type="audio/mpeg", length=12345678),),
    ),
    _line(
        400 * 24,
        "Abendblatt",
        "abend.example",
        "Ein Jahr mit einer einzigen Zeitung",
        "Ein Selbstversuch, der als Wette begann.",
        language="de",
    ),
)
_FEEDS = (
    Feed(url="https://courier.example/feed", name="The Courier", tags=("news",)),
    Feed(url="https://abend.example/feed", name="Abendblatt", tags=("news", "de")),
    Feed(url="https://notes.example/feed", name="Field notes"),
    Feed(url="https://aljarida.example/feed", name="الجريدة"),
    Feed(url="https://asa.example/feed", name="朝の便り"),
    Feed(url="https://wire.example/feed", name="Wire"),
    Feed(url="https://dolina.example/feed", name="Новости долины"),
    Feed(url="https://reader:secret@gone.example/rss/all/of/it/and/a/rather/long/path/to/see.xml", name="Old friend"),
    Feed(url="https://quiet.example/feed", name="Quiet", paused=True),
)


def _state(name: str, **changes) -> FeedState:
    feed = next(feed for feed in _FEEDS if feed.name == name)
    given = {
        "status": "ok",
        "site_url": feed.url.removesuffix("feed"),
        "last_attempt": NOW - timedelta(minutes=20),
        "last_success": NOW - timedelta(minutes=20),
        "next_poll": NOW + timedelta(minutes=40),
        "polls": 40,
        "not_modified": 31,
        "bytes_in": 123456,
        "articles": 12,
    }
    return FeedState(url=feed.url, **{**given, **changes})


_STATES = (
    _state("The Courier", articles=148),
    _state("Abendblatt", articles=96, next_poll=NOW + timedelta(minutes=12)),
    _state("Field notes", articles=7, last_success=NOW - timedelta(hours=5)),
    _state("الجريدة", articles=31),
    _state("朝の便り", articles=54),
    _state(
        "Wire",
        status="backing_off",
        failures=1,
        error_class="http_4xx",
        next_poll=NOW + timedelta(hours=6),
        error="wire.example asked to be left alone until 15:30 (429 Too Many Requests).",
    ),
    _state(
        "Old friend",
        status="error",
        failures=14,
        error_class="dns",
        last_success=NOW - timedelta(days=19),
        site_url="",
        next_poll=NOW + timedelta(hours=21),
        articles=3,
        error="gone.example was not found by name. Has the site moved? Look for its new address, or remove the feed.",
    ),
)


PLACE = Place(title="My news", base_url="https://news.example.org/", instance=INSTANCE)


def rendered(name: str, *stories: Story, place: Place = PLACE) -> bytes:
    """A live feed of these stories."""
    return FORMATS[name].render(channel.live(place, stories, archives=0), stories)
