"""What each output format's specification asks for, as far as a machine can tell. Fails on the first breach."""

import json
import re
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)


def absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and url.isascii() and not re.search(r"\s", url)


def check_atom(body: bytes) -> etree._Element:
    """RFC 4287 section 4, as far as a machine can tell."""
    feed = etree.fromstring(body)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1, name
    assert absolute(next(link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"))
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    for entry in feed.findall(f"{ATOM}entry"):
        _check_atom_entry(entry)
    for element in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        assert RFC3339.fullmatch(element.text)
    for link in feed.iter(f"{ATOM}link"):
        assert absolute(link.get("href")), link.get("href")
    for node in (feed, *feed.iterdescendants(f"{ATOM}source")):
        # RFC 4287 allows one of each type, but readers take the first or the last whatever it is.
        assert len([link for link in node.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) <= 1
    return feed


def _check_atom_entry(entry: etree._Element) -> None:
    for name in ("id", "title", "updated"):
        assert len(entry.findall(f"{ATOM}{name}")) == 1, name
    assert entry.findtext(f"{ATOM}title").strip()
    assert entry.findtext(f"{ATOM}author/{ATOM}name").strip()
    assert len(entry.findall(f"{ATOM}published")) <= 1
    assert len(entry.findall(f"{ATOM}summary")) <= 1
    assert len(entry.findall(f"{ATOM}source")) <= 1
    assert len([link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
    assert all(term.get("term").strip() for term in entry.findall(f"{ATOM}category"))
    content, summary = entry.find(f"{ATOM}content"), entry.findtext(f"{ATOM}summary")
    assert content is not None or summary.strip()
    if content is not None:
        assert content.get("type") == "html"
        assert len(content) == 0
        assert content.text.strip()
        assert summary != content.text
    source = entry.find(f"{ATOM}source")
    if source is not None:
        assert source.findtext(f"{ATOM}id").strip()
        assert source.findtext(f"{ATOM}title") is not None
        assert len(source.findall(f"{ATOM}updated")) == 1


def check_rss(body: bytes) -> etree._Element:
    """RSS 2.0 and the profile of the RSS Advisory Board."""
    root = etree.fromstring(body)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    head = root.find("channel")
    for name in ("title", "link", "description", "lastBuildDate", "docs"):
        assert len(head.findall(name)) == 1, name
    assert head.findtext("description").strip()
    own = [link for link in head.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [absolute(link.get("href")) for link in own] == [True]
    assert own[0].get("type") == "application/rss+xml"
    assert RFC822.fullmatch(head.findtext("lastBuildDate"))
    assert head.find("ttl") is None
    guids = [item.findtext("guid") for item in head.findall("item")]
    assert len(guids) == len(set(guids))
    for item in head.findall("item"):
        _check_item(item)
    return head


def _check_item(item: etree._Element) -> None:
    allowed = {"title", "link", "guid", "pubDate", "category", "description", "enclosure", "source"}
    assert {child.tag for child in item if not child.tag.startswith("{")} <= allowed
    for name in allowed - {"category"}:
        assert len(item.findall(name)) <= 1, name
    assert item.findtext("title").strip()
    assert absolute(item.findtext("link"))
    guid = item.find("guid")
    assert guid.get("isPermaLink") == ("true" if guid.text == item.findtext("link") else "false")
    assert RFC822.fullmatch(item.findtext("pubDate"))
    assert RFC3339.fullmatch(item.findtext(f"{ATOM}updated"))
    assert item.findtext(f"{DC}creator").strip()
    assert item.find("author") is None  # it would have to be a mail address
    children = [child.tag for child in item]
    if f"{CONTENT}encoded" in children:
        assert children.index("description") < children.index(f"{CONTENT}encoded")
    for enclosure in item.findall("enclosure"):
        assert absolute(enclosure.get("url"))
        assert enclosure.get("length").isdigit()
        assert re.fullmatch(r"[^/\s]+/[^/\s]+", enclosure.get("type"))
    for source in item.findall("source"):
        assert absolute(source.get("url"))
        assert source.text.strip()


FEED_KEYS = {"version", "title", "home_page_url", "feed_url", "next_url", "language", "items"}
ITEM_KEYS = {
    *("id", "url", "title", "content_html", "content_text", "summary", "image", "date_published", "date_modified"),
    *("authors", "tags", "language", "attachments", "_source", "_also_in"),
}


def check_json(body: bytes) -> dict:
    """JSON Feed 1.1."""
    assert not body.startswith(b"\xef\xbb\xbf")
    feed = json.loads(body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed.keys() <= FEED_KEYS
    assert feed["title"].strip()
    assert absolute(feed["home_page_url"])
    assert absolute(feed["feed_url"])
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        assert item.keys() <= ITEM_KEYS
        assert isinstance(item["id"], str)
        assert absolute(item["url"])
        assert ("content_html" in item) != ("content_text" in item)
        assert all(RFC3339.fullmatch(item[name]) for name in ("date_published", "date_modified"))
        assert all(author.keys() <= {"name", "url", "avatar"} and author["name"] for author in item["authors"])
        assert all(absolute(one["url"]) and "/" in one["mime_type"] for one in item.get("attachments", ()))
        assert all(isinstance(item.get(name, {}), dict) for name in ("_source", "_also_in"))
    return feed


CHECKS = {"atom": check_atom, "rss": check_rss, "json": check_json}
