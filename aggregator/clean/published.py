"""Which of the dates that a page gives is its article's: machine-readable ones checked against the one it shows.

Nothing is guessed: a date comes from markup, from the address or from a line beside the headline, or there is none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from itertools import islice
from operator import itemgetter
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import dates, jsonld
from aggregator.clean.authors import byline
from aggregator.clean.shown import Line, Lines, is_elsewhere, short_text
from aggregator.clean.stated import Stated, declared_language, marks, text_of

_PUBLISHED: Final = (  # names of meta elements, the most trusted first
    "article:published_time", "og:article:published_time", "og:published_time", "og:publish_date", "datepublished",
    "article:published", "og:article:published", "article:published_date", "article:publicationdate", "og:pubdate",
    "article:post_date", "og:datepublished", "rnews:datepublished", "published_time", "publish_time", "date_published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:publishtime", "cxenseparse:recs:publishtime", "publish-date",
    "publish_date", "publishdate", "publication_date", "publicationdate", "publisheddate", "published-date",
    "published_date", "published", "citation_publication_date", "citation_online_date", "citation_date",
    "dc.date.issued", "dcterms.issued", "dc.date.publication", "dc.date", "dcterms.date", "dc:date", "dcterms.created",
    "dc.date.created", "dc.created", "pubdate", "article.published", "article.created", "w-published-date",
    "bt:pubdate", "rbpubdate", "article_date_original", "originalpublicationdate", "dateposted", "displaydate",
    "mediator_published_time", "shareaholic:article_published_time", "vr:published_time", "twt-published-at",
    "datecreated", "date_created", "date",
)  # fmt: skip
_PAGES: Final = frozenset({"WebPage", "ItemPage", "AboutPage", "FAQPage", "CollectionPage", "ContactPage"})
_MODIFIED: Final = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "og:modified_time", "article:modified",
    "datemodified", "dcterms.modified", "dc.date.modified", "bt:moddate", "last-modified", "lastmod",
)  # fmt: skip
_PUBLICATION: Final = re.compile(
    r"publish(?:ed|ing|_|-)?(?:date|time|at|on)|publication.?date|pub[_-]?date|date[_-]?pub"
)
_CALLED_DATE: Final = re.compile(r"date|time|publi|posted|meta|byline|datum|fecha|info|stamp", re.IGNORECASE)
_SURELY_DATE: Final = re.compile(r"date|time|publi|posted|datum|fecha|stamp|meta", re.IGNORECASE)
_LABEL: Final = re.compile(  # what leads to the day of publication
    r"publish(?:ed|ing)|posted|publish date|post (?:date|time)|veröffentlicht|erschienen|erstellt|publié|mis en ligne"
    r"|publica[dt]|publicación|pubblicat|gepubliceerd|geplaatst|opublikowan|опубликован|опубліковано|публикуван|објављен"
    r"|publicera[dt]|publiceret|publisert|udgivet|julkaistu|yayın|közzé|megjelent|publikován|zveřejněn|objavljen|avaldatud"
    r"|diterbitkan|dipublikasikan|đăng|δημοσι|发布|發布|发表|發表|公開日|掲載|投稿日|配信|게시|입력|등록|نشر|פורסם|प्रकाशित",
    re.IGNORECASE,
)
_CHANGED: Final = re.compile(  # what leads to the day of the last change
    r"updat|modif|revis|review|edited|refreshed|aktualis|geändert|\bstand\b|überarbeitet|mis à jour|actualiz"
    r"|actualis|aggiorna|bijgewerkt|gewijzigd|aktualiz|zaktualiz|обновл|изменен|оновлен|uppdater|oppdater|opdater"
    r"|päivit|güncel|frissít|ενημερ|atualiz|diperbarui|ažurir|cập nhật|更新|最終|修正|수정|تحديث|עודכן|अपडेट",
    re.IGNORECASE,
)
_OF_OTHERS: Final = re.compile(  # a day in the story of a manuscript, a notice or an event
    r"(?:received|accepted|submitted|revised|expires|valid|deadline|born|died|copyright|©)\b", re.IGNORECASE
)
_CALLED_CHANGED: Final = re.compile(r"(?<![a-z])(?:date)?(?:updated|modified|changed)(?![a-z])", re.IGNORECASE)
_CALLED_PUBLISHED: Final = re.compile(r"publish|posted|created", re.IGNORECASE)
_PARTS: Final = re.compile(r"\s[-–—/]\s|[|•·]")  # of a row: a name, a day, a section
_LABELLED: Final = re.compile(rf"(?:date |last |page last )?(?:{_LABEL.pattern}|{_CHANGED.pattern})", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+")
_DATA: Final = re.compile(
    r"""\\?["'](?:datePublished|published_?[aA]t|publish(?:ed)?_?[dD]ate|publication_?[dD]ate|pub_?[dD]ate)\\?["']\s?:\s?"""
    r"""\\?["']((?:19|20)\d\d-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)"""
)
_MOST_DATA: Final = 1_000_000  # characters of scripts
_STAMPS: Final = ("datetime", "data-datetime", "data-date", "data-published", "title")
_MONTH_FIRST: Final = frozenset({"en-US", "en-PH", "fil", "tl"})
_DAY_FIRST: Final = frozenset(
    {"uk", "au", "nz", "ie", "in", "za", "sg", "my", "hk", "ke", "ng", "pk", "eu"}
)  # of hosts
_ONE_DAY: Final = timedelta(hours=36)  # zones apart, two clocks may call one moment by two days
_REWRITTEN: Final = timedelta(days=60)  # a story corrected within it is the same story still
_BEFORE: Final = 15  # elements before the headline and after it in which its own date stands
_AFTER: Final = 45
_FEW: Final = 3  # words: a month, a day of the week and little else
_SHORT: Final = 60  # characters
_TIMES: Final = 60  # time elements that are looked at
_SEVERAL: Final = 3  # dates in one place of a page
_MOST_NAMED: Final = 60  # lines named as dates that are looked at
_MOST_INSIDE: Final = 20  # elements of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The first dates beside the headline: one that nothing calls a change's, and one that something does."""

    plain: datetime | None = None
    changed: datetime | None = None
    labelled: bool = False  # `plain` is called the day of publication
    own: bool = False  # `plain` stands alone near the headline, in no list of other stories
    days: frozenset[datetime] = frozenset()  # all dates beside the headline


def published(page: Stated, lines: Lines, feed: datetime | None) -> datetime | None:
    """The day the article is of. `feed` is the date in the feed's entry: a second witness, never the first.

    What a page writes for being shared stands. A date that JSON-LD alone knows is often that of the page's first
    version, and gives way to what readers are shown instead: to a date that stands beside the headline, or to that of
    a rewriting long after.
    """
    seen = _seen(page, lines)
    nodes = page.articles[:3] if seen.days or feed else tuple(filter(_of_story, page.articles[:3]))
    given = [jsonld.text(node.get("datePublished")) for node in nodes]
    meta = [*page.values(_PUBLISHED), *_so_called(page)]
    loose = [*given, *_marked(page)]
    exact = _first(offer for offer in (*given, *meta, *loose) if dates.is_exact(offer))
    if exact:
        shared = _first(meta)
        alone = shared is None or not _close(shared, exact)
        return _settled(exact, seen, feed, alone=alone, modified=modified(page))
    return (
        _first(meta)
        or (seen.plain if seen.own or seen.labelled else None)
        or dates.in_url(page.url)
        or seen.changed
        or _time_element(page)
        or _named_date(page)
        or seen.plain
        or _first(loose)
        or _labelled(page)
        or _in_data(page)
    )


def _of_story(node: jsonld.Node) -> bool:
    """Does a node describe more than a page? Software dates each page, also those that are of no day."""
    return not jsonld.types(node) <= _PAGES


def modified(page: Stated) -> datetime | None:
    """When the article was last changed, as markup says."""
    nodes = (jsonld.text(node.get("dateModified")) for node in page.articles[:3])
    return _first(nodes) or _first(page.values(_MODIFIED))


def _so_called(page: Stated) -> Iterator[str]:
    """What further meta elements say whose names speak of publication: those of the many private vocabularies."""
    names = (name for name in page.meta if _PUBLICATION.search(name) and name not in _PUBLISHED)
    return (value for name in names for value in page.meta[name] if dates.is_exact(value))


def _first(offers: Iterable[str]) -> datetime | None:
    return next(filter(None, map(dates.stated, offers)), None)


def _close(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= _ONE_DAY


def _settled(exact: datetime, seen: Seen, feed: datetime | None, *, alone: bool, modified: datetime | None) -> datetime:
    """The machine's date or, where JSON-LD alone knows it, the one shown instead of it."""
    agreed = (feed and _close(feed, exact)) or any(_close(day, exact) for day in seen.days)
    set_by_hand = seen.plain and seen.own and modified and not _close(seen.plain, modified)
    if agreed or not (alone or set_by_hand):
        return _on_own_day(exact, seen)
    if seen.plain and seen.own:
        better = seen.plain
    elif seen.changed and not seen.plain and seen.changed - exact > _REWRITTEN:
        better = seen.changed
    else:
        return exact
    return modified if modified and modified.date() == better.date() else better


def _on_own_day(exact: datetime, seen: Seen) -> datetime:
    """A moment given in UTC, put into the nearest zone in which it falls on the day that the page shows."""
    if not seen.plain or not seen.own or exact.utcoffset() or exact.time() == time():
        return exact
    zones = (timezone(timedelta(hours=sign * hours)) for hours in range(15) for sign in (1, -1))
    return next((there for zone in zones if (there := exact.astimezone(zone)).date() == seen.plain.date()), exact)


def _seen(page: Stated, lines: Lines) -> Seen:
    month_first = _month_first(page)
    dated = [
        (line, when)
        for line in lines
        if (dates.perhaps(line.text) or _stamp(line.element))
        and not _leads_away(line.element, page.url)
        and (when := _date_of(line.element, line.text, month_first=month_first))
    ]
    listed = _listed((line.element, when) for line, when in dated)
    seen = Seen()
    for line, when in dated:
        if _place_of(line.element) not in listed and not _OF_OTHERS.match(line.text):
            seen = _with_line(seen, line, when, month_first=month_first)
    named = dates.in_url(page.url)
    return replace(seen, plain=named) if named and seen.plain and _swapped(seen.plain, named) else seen


def _listed(dated: Iterable[tuple[HtmlElement, datetime]]) -> frozenset[str]:
    """The places in which three dates or more stand that aren't all one day: the entries of a list have their own."""
    days: dict[str, list[date]] = {}
    for element, when in dated:
        days.setdefault(_place_of(element), []).append(when.date())
    return frozenset(place for place, each in days.items() if len(each) >= _SEVERAL and len(set(each)) > 1)


def _place_of(element: HtmlElement) -> str:
    """What an element and the two around it are called."""
    holders = (element, *islice(element.iterancestors(), 2))
    return " in ".join(f"{each.tag} {each.get('class') or ''}" for each in holders)


def _swapped(one: datetime, other: datetime) -> bool:
    """Are these 3/4 and 4/3 of one year?"""
    return (one.year, one.month, one.day) == (other.year, other.day, other.month)


def _with_line(seen: Seen, line: Line, when: datetime, *, month_first: bool) -> Seen:
    """What is seen, with one line more. A label of publication counts for more than nearness."""
    label, change = _LABEL.search(line.text), _CHANGED.search(line.text) or _says_changed(line.element)
    if label and isinstance(change, re.Match) and label.start() > change.start():
        when = _date_of(line.element, line.text[label.start() :], month_first=month_first) or when
    seen = replace(seen, days=seen.days | {when})
    if change and not label:
        return replace(seen, changed=seen.changed or when)
    if seen.changed and when.date() == seen.changed.date():
        return seen
    if seen.plain and seen.labelled and seen.own:
        return seen
    if seen.plain and when.date() == seen.plain.date():
        return replace(seen, labelled=seen.labelled or bool(label), own=seen.own or _is_own(line))
    rank = bool(label), _is_own(line)
    if seen.plain and (seen.labelled, seen.own) >= rank:
        return seen
    return replace(seen, plain=when, labelled=rank[0], own=rank[1])


def _says_changed(element: HtmlElement) -> bool:
    """Does markup call the date in an element that of a change, and nothing in it one of publication?"""
    inside = tuple(islice(element.iter(etree.Element), _MOST_INSIDE))
    names = [f"{marks(each)} {each.get('itemprop') or ''}" for each in inside]
    if any("dateModified" in name for name in names):
        return not any("datePublished" in name for name in names)
    return any(map(_CALLED_CHANGED.search, names)) and not any(map(_CALLED_PUBLISHED.search, names))


def _stamp(element: HtmlElement) -> datetime | None:
    """The machine's date in an attribute of an element that is shown."""
    if element.tag == "time" and element.get("datetime"):
        return dates.stated(element.get("datetime") or "")
    for name in _STAMPS:
        value = element.get(name)
        if value and dates.is_exact(value):
            return dates.stated(value)
    return None


def _date_of(element: HtmlElement, text: str, *, month_first: bool) -> datetime | None:
    when = _stamp(element)
    if when or not _may_date(element, text):
        return when
    when = dates.worded(text, month_first=month_first)
    times = tuple(islice(element.iter("time"), 2)) if when and len(element) else ()
    if len(times) == 1 and dates.worded(short_text(times[0]), month_first=month_first) == when:
        return _stamp(times[0]) or when  # what is shown may be the day in another form
    return when


def _may_date(element: HtmlElement, text: str) -> bool:
    """A line that is a date and little else, or one that its markup or its words call one, or a row with one in it."""
    called = len(text) < _SHORT or element.tag == "time" or _CALLED_DATE.search(marks(element)) or byline(text)
    return bool(called) or _in_row(text)


def _in_row(text: str) -> bool:
    """Is the line a row of facts of which one is a date by itself: Jane Doe | 3 May 2024 | Sport?"""
    parts = _PARTS.split(text)
    return len(parts) > 1 and any(len(_WORD.findall(part)) <= _FEW and dates.worded(part) for part in parts)


def _is_own(line: Line) -> bool:
    """Is the date there for the article's sake: near its headline, by itself, and in no list of other stories?"""
    if not -_BEFORE <= line.offset <= _AFTER:
        return False
    called = line.element.tag == "time" or _SURELY_DATE.search(marks(line.element))
    alone = called or len(_WORD.findall(line.text)) <= _FEW or _in_row(line.text)
    return bool(alone) and not is_elsewhere(line.element, lists=False)


def _marked(page: Stated) -> Iterator[str]:
    """What microdata and `pubdate` mark as the day of publication."""
    for each in islice(page.marked("datePublished"), 3):
        yield each.get("datetime") or each.get("content") or text_of(each)


def _time_element(page: Stated) -> datetime | None:
    """Of the time elements that are in no list of other stories the one called that of publication, or the first."""
    times = islice((each for each in page.tagged("time") if each.get("datetime")), _TIMES)
    free = [each for each in times if not _leads_away(each, page.url)]
    free.sort(key=_says_changed)
    own = [each for each in free if not is_elsewhere(each)]
    labelled = [each for each in free if _LABEL.search(_beginning(each.getparent()))]
    offers = (*(each for each in labelled if each in own), *own[:1], *labelled[:1])
    return _first(each.get("datetime") or "" for each in offers)


def _leads_away(element: HtmlElement, url: str) -> bool:
    """Is it part of a link to another page? A date in a link to this one is this story's."""
    link = next((each for each in (element, *element.iterancestors("a")) if each.tag == "a" and each.get("href")), None)
    if link is None or not url:
        return False
    target = urls.resolve(url, link.get("href") or "")
    return urls.canonical(target) != urls.canonical(url)


def _beginning(element: HtmlElement | None) -> str:
    return " ".join(islice(element.itertext(), 4))[:_SHORT] if element is not None else ""


def _named_date(page: Stated) -> datetime | None:
    """The first short line anywhere that is named as a date and is one, best one that isn't called a change's."""
    offers = tuple(islice(_named_dates(page), _MOST_NAMED))
    listed = _listed((each, when) for each, when, _ in offers)
    free = [(when, changed) for each, when, changed in offers if _place_of(each) not in listed]
    return next((when for when, changed in sorted(free, key=itemgetter(1))), None)


def _named_dates(page: Stated) -> Iterator[tuple[HtmlElement, datetime, bool]]:
    """Each with its date, and whether that is of a change."""
    month_first = _month_first(page)
    for each in page.called(_SURELY_DATE):
        text = _unchanged(each) if len(each) <= 4 else ""
        when = dates.worded(text, month_first=month_first) if len(text) < 80 and dates.perhaps(text) else None
        when = when or (_stamp(each) if text or len(each) == 0 else None)
        if when and not is_elsewhere(each):
            yield each, when, _says_changed(each) and text == short_text(each)


def _unchanged(element: HtmlElement) -> str:
    """The short text of an element without those of its children that are marked as the day of a change."""
    text = short_text(element)
    for child in element if len(element) > 1 else ():
        if _CALLED_CHANGED.search(marks(child)) and not _CALLED_PUBLISHED.search(marks(child)):
            text = text.replace(short_text(child), "", 1)
    return text


def _labelled(page: Stated) -> datetime | None:
    """A date that a line anywhere calls that of publication, or of the last change: at the foot of some pages."""
    for each in page.elements:
        if len(each) <= 3 and each.text and _LABELLED.match(each.text.strip()[:_SHORT]):
            text = short_text(each)
            when = dates.worded(text, month_first=_month_first(page)) if len(text) < 80 else None
            if when:
                return when
    return None


def _in_data(page: Stated) -> datetime | None:
    """The day that the page's own scripts hand over as that of publication, when it's a single one."""
    found: set[str] = set()
    room = _MOST_DATA
    for script in page.tagged("script"):
        text = (script.text or "")[:room] if "ld+json" not in (script.get("type") or "") else ""
        room -= len(text)
        found |= {each[1] for each in islice(_DATA.finditer(text), 50)}
    return dates.stated(min(found)) if len({day[:10] for day in found}) == 1 else None


def _month_first(page: Stated) -> bool:
    """Is 3/4/2025 the fourth of March here? In American English, and where nothing tells."""
    language = declared_language(page) or "en"
    if language != "en":
        return language in _MONTH_FIRST
    return urls.host(page.url).rsplit(".", 1)[-1] not in _DAY_FIRST
