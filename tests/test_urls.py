"""aggregator.urls: one form for every spelling, absolute http(s) or nothing out of resolve, and no exception at all."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml.html import fromstring

from aggregator.urls import (
    MAX_URL,
    asked,
    canonical,
    for_readers,
    host,
    is_http,
    resolve,
    site,
    strip_tracking,
    without_login,
)

PIECES = [
    "http://",
    "https://",
    "HTTP:",
    "//",
    "/",
    "\\",
    "?",
    "#",
    "#!",
    "&",
    "=",
    ";",
    ":",
    "@",
    "%",
    "%2f",
    "%zz",
    "%C3%BC",
    "[",
    "]",
    "[::1]",
    "::1",
    "www.",
    "m.",
    "amp.",
    "example.com",
    "EXAMPLE.com.",
    "bücher.example",
    "xn--bcher-kva.example",
    "a.co",
    ":80",
    ":443",
    ":8080",
    ":99999",
    ":x",
    "user:pw@",
    "/amp",
    "/amp/",
    ".amp",
    ".amp.html",
    "index.html",
    "index.php",
    "..",
    ".",
    "utm_source=x",
    "utm_",
    "amp=1",
    "ref=rss",
    "ref=home",
    "id=5",
    "b=2",
    "a=1",
    "fbclid",
    " ",
    "\t",
    "\n",
    "\x00",
    "\ud800",
    "https://www.google.com/amp/s/",
    "https://x-com.cdn.ampproject.org/c/s/",
    "feed:",
    "feed://",
    "javascript:",
    "data:,",
    "ü",
    "٠",
    "。",
]
DIRTY = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=9).map("".join))


@given(DIRTY)
@example("http://[::1")
@example("http://ex\u2100mple.com/")  # NFKC turns the host into one with a slash: urlsplit raises
@example("http://a.b/amp/amp/index.html//")
@example("//" * 30 + "amp/")
@example("http://a.b/;/")
@example("http://a.b/.AMP.amp.html.AMP")
@example("http://x.cdn.ampproject.org//amp/c/a.b")
def test_canonical_is_idempotent_and_never_raises(url):
    once = canonical(url)
    assert once == "" or is_http(once)
    assert canonical(once) == once


@given(DIRTY, DIRTY)
@example("http://user:secret@a.example/feed", "story")
@example("http://a.example/", "http://a.example:99999/")
def test_resolve_gives_an_absolute_clean_address_or_nothing(base, link):
    url = resolve(base, link)
    if url:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname
        assert parts.username is None
        assert url.isascii()
        assert len(url) <= MAX_URL
        assert not re.search(r"[\x00-\x20\x7f\"<>\\^`{|}]", url)
        assert resolve("", url) == url


USUAL = st.lists(
    st.sampled_from(["/", ".", "..", "a", "%41", "%", "?", "#", ";", "&", "=", ":", "@", "-", "é"]), max_size=9
)
BASES = ["", "https://a.example/x/y", "http://u:p@h.example:8080/a?b", "feed://f.example/x", "//n.example", "ftp://x/y"]


@given(
    st.sampled_from(BASES),
    st.sampled_from(["/", "https://a", "http://a-b.c/", "http://a.b:8080/", "https://a:", ""]),
    USUAL.map("".join),
)
@example("https://a.example/x", "https://", f"{'a' * 254}.example/x")
@example("https://a.example/x", "https://a/", "x" * MAX_URL)
@example("https://a.example/x", "/", "x" * MAX_URL)
@example("https://a.example/x", "https://a/", "x\n")
@example("https://a.example/x", "/a", "/../x;")
def test_an_address_that_is_whole_already_is_resolved_like_any_other(base, start, rest):
    assert resolve(base, start + rest) == resolve(base, f" {start}{rest}")  # blanks are what no short way knows of


def test_parameters_parted_by_other_signs_tell_stories_apart():
    assert len({canonical(f"https://e.org/p?utm_source=rss;id={number}") for number in (5, 6)}) == 2


def test_an_address_found_in_a_page_is_a_text_like_any_other():
    (found,) = fromstring('<a href="https://a.example/x">').xpath("//a/@href")
    assert type(resolve("", found)) is str


@given(DIRTY)
def test_the_rest_never_raises(url):
    assert host(url) == host(url).lower()
    assert site(url) in host(url)
    assert is_http(url) == bool(host(url))
    assert strip_tracking(strip_tracking(url)) == strip_tracking(url)


@given(DIRTY)
def test_tracking_taken_out_changes_no_identity(url):
    assert canonical(strip_tracking(url)) == canonical(url)
    assert canonical(for_readers(url)) == canonical(url)
    assert for_readers(for_readers(url)) == for_readers(url)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://example.com/2026/story",
        "http://example.com/2026/story",
        "HTTP://EXAMPLE.COM:80/2026/story/",
        "https://example.com:443/2026/story#comments",
        "https://www.example.com/2026/story?utm_source=rss&utm_medium=feed",
        "https://m.example.com/2026/story?fbclid=x",
        "https://user:pw@example.com./2026//story",
        "https://example.com/2026/story/amp/",
        "https://example.com/amp/2026/story",
        "https://amp.example.com/2026/story.amp",
        "https://example.com/2026/story?amp=1",
        "https://example.com/2026/story?amp",
        "https://example.com/2026/x/../story?outputType=amp&ref=rss",
        "https://example.com/2026/%73tory/index.html?",
        "https://www.google.com/amp/s/www.example.com/2026/story/amp",
        "https://example-com.cdn.ampproject.org/c/s/example.com/2026/story",
        "  https:\\\\example.com\\2026\\story \n",
        "https:/example.com/2026/story",
        "https://example.com/2026/story;jsessionid=0A1B",
        "https://example.com/2026/story#:~:text=word",
    ],
)
def test_spellings_of_one_address(spelling):
    assert canonical(spelling) == "https://example.com/2026/story"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abd"),
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/2"),
        ("https://example.com/Story", "https://example.com/story"),
        ("https://example.com:8080/", "https://example.com/"),
        ("https://blog.example.com/a", "https://example.com/a"),
        ("https://example.com/?ref=main", "https://example.com/?ref=next"),
        ("https://example.com/camp", "https://example.com/c"),
        ("https://example.com/?feed=rss2", "https://example.com/"),
        ("https://m.co/a", "https://co/a"),
    ],
)
def test_different_addresses_stay_different(one, other):
    assert canonical(one) != canonical(other)


def test_query_order_does_not_matter_and_values_stay():
    assert canonical("http://example.com/?b=2&a=1&a=0&c=") == "https://example.com/?a=0&a=1&b=2&c="


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tag:example.com,2026:1",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "/relative",
        "http://",
        "ftp://a.example/",
    ],
)
def test_no_web_address_has_no_canonical_form(url):
    assert canonical(url) == ""
    assert not is_http(url)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("story.html", "https://example.com/dir/story.html"),
        ("/story", "https://example.com/story"),
        ("?p=5", "https://example.com/dir/feed.xml?p=5"),
        ("//cdn.example/x y.png", "https://cdn.example/x%20y.png"),
        ("http://other.example", "http://other.example/"),
        (" http://other.example/a\n b ", "http://other.example/a%20b"),
        ("http:\\\\other.example\\a?x=\\", "http://other.example/a?x=%5C"),
        ("http:///other.example/a", "http://other.example/a"),
        ("www.other.example/a", "http://www.other.example/a"),
        ("https://bücher.example/ü?q=ä#ö", "https://xn--bcher-kva.example/%C3%BC?q=%C3%A4#%C3%B6"),
        ("https://other.example/100%/%41", "https://other.example/100%25/%41"),
        ("https://other.example/a\n\tb\x00\ufeff", "https://other.example/ab"),
        ("https://user:pw@other.example/", "https://other.example/"),
        ("https://other.example/?a=1&b=[2]|3", "https://other.example/?a=1&b=%5B2%5D%7C3"),
        ("feed:https://other.example/rss", "https://other.example/rss"),
        ('http://other.example/"onmouseover=pwn(7) x=', "http://other.example/%22onmouseover=pwn(7)%20x="),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("", ""),
        ("javascript:alert(1)", ""),
        (" java\tscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("java script:alert(1)", ""),
        ("ht tp://other.example/", ""),
        ("mailto:a@b.example", ""),
        ("http://other.example:99999/", ""),
        ("http://other.example:0/", ""),
        ("http://other..example/", ""),
        ("http://other.example/a \ufeff", "http://other.example/a"),
        ("http://[bad", ""),
        ("http://a b.example/", ""),
        ("http://" + "a." * 200 + "example/", ""),
        ("http://other.example/" + "l" * 3000, ""),
        ("http://" + "\u30fb" * 20000 + "\u6f22.example/", ""),
    ],
)
def test_resolve(link, expected):
    assert resolve("https://example.com/dir/feed.xml", link) == expected


def test_resolve_without_a_usable_base():
    assert resolve("", "story") == ""
    assert resolve("javascript:x//", "y") == ""
    assert resolve("", "//cdn.example/x") == "https://cdn.example/x"


def test_credentials_of_the_feed_are_not_handed_on():
    assert resolve("https://me:secret@example.com/feed", "/story") == "https://example.com/story"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.example/a?utm_source=rss&id=5&UTM_Medium=x", "https://e.example/a?id=5"),
        ("https://e.example/a?utm_source=rss", "https://e.example/a"),
        ("https://e.example/a?b=%20&a=+", "https://e.example/a?b=%20&a=+"),
        ("https://e.example/a#section", "https://e.example/a#section"),
        ("https://e.example/a?gclid=1#section", "https://e.example/a#section"),
        ("https://e.example/a#xtor=RSS-1", "https://e.example/a"),
        ("https://e.example/a?ref=rss&source=me", "https://e.example/a?source=me"),
        ("https://e.example/?feed=rss2&cmp=", "https://e.example/?feed=rss2"),
        ("https://e.example/?", "https://e.example/"),
        ("https://e.example/?utm_campaign=a%26b&x", "https://e.example/?x"),
        ("not a url", "not a url"),
    ],
)
def test_strip_tracking(url, expected):
    assert strip_tracking(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.example/a?utm_source=rss&id=5&UTM_Medium=x#part", "https://e.example/a?id=5#part"),
        ("https://e.example/a?utm_source=rss&fbclid=1", "https://e.example/a"),
        ("https://e.example/a?cid=1&from=rss&utm_id=2", "https://e.example/a?cid=1&from=rss"),
        ("https://e.example/a?b=%20&a=+", "https://e.example/a?b=%20&a=+"),
        ("https://e.example/a?", "https://e.example/a?"),
        ("https://e.example/a#xtor=RSS-1", "https://e.example/a#xtor=RSS-1"),
        ("https://e.example/a?utm_source=rss&Signature=ab", "https://e.example/a?utm_source=rss&Signature=ab"),
        ("https://e.example/a?x-amz-date=1&utm_source=rss", "https://e.example/a?x-amz-date=1&utm_source=rss"),
        ("https://e.org/p?&", "https://e.org/p?&"),
        ("https://e.org/p?utm_source=rss&&", "https://e.org/p"),
        ("https://e.org/p?utm_source=rss;id=5", "https://e.org/p?utm_source=rss;id=5"),
        ("https://e.org/p?utm_source=rss?id=5", "https://e.org/p?utm_source=rss?id=5"),
        ("https://e.org/p?utm_source=rss;utm_medium=feed", "https://e.org/p"),
        ("", ""),
    ],
)
def test_a_link_for_readers_keeps_what_may_say_what_is_read(url, expected):
    assert for_readers(url) == expected


@pytest.mark.parametrize(
    ("url", "name", "key"),
    [
        ("https://www.Example.com/a", "www.example.com", "example.com"),
        ("http://m.www.example.com.", "m.www.example.com", "example.com"),
        ("http://bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("http://www.com/", "www.com", "www.com"),
        ("http://127.0.0.1:80/", "127.0.0.1", "127.0.0.1"),
        ("http://[::1]/", "[::1]", "[::1]"),
        ("ftp://example.com", "", ""),
    ],
)
def test_host_and_site(url, name, key):
    assert host(url) == name
    assert site(url) == key


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@example.com/a@b?c@d", "https://example.com/a@b?c@d"),
        ("https://u:p@x:y@example.com", "https://example.com"),
        ("https://u@example.com?q=@#@", "https://example.com?q=@#@"),
        ("ftp://u:p@example.com/x", "ftp://example.com/x"),
        ("https://example.com/a@b", "https://example.com/a@b"),
        ("nothing", "nothing"),
    ],
)
def test_addresses_are_shown_without_their_login(url, shown):
    assert without_login(url) == shown


def test_long_addresses_are_read_like_short_ones():
    path = "a" * 1000
    assert canonical(f"http://www.example.com/{path}/?utm_source=x") == f"https://example.com/{path}"
    assert host(f"http://EXAMPLE.com/{path}") == "example.com"


ONE_REQUEST = ["http://a.example/x", "HTTP://A.Example/x", "http://a.example:80/x", "http://a.example/x#part"]
OTHERS = [
    *(
        "https://a.example/x",
        "http://a.example:8080/x",
        "http://a.example/X",
        "http://a.example/x/",
        "http://a.example/x?",
    ),
    *(
        "http://me@a.example/x",
        "http://ME@a.example/x",
        "http://a.example/",
        "http://a.example/x?y=http://A.EXAMPLE:80/",
    ),
]


def test_what_asks_for_the_same_is_told_from_what_does_not():
    assert {asked(url) for url in ONE_REQUEST} == {"http://a.example/x"}
    assert asked("https://a.example:443") == asked("https://a.example/") == "https://a.example/"
    assert len({asked(url) for url in (*ONE_REQUEST, *OTHERS)}) == 1 + len(OTHERS)
    assert asked("no address") == "no address"
