"""What feeds of the real web hold in odd places: read as a reader would want it."""

import pytest

from aggregator.parse import parse

SPACES = (
    "xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    "xmlns:yandex='http://news.yandex.ru' xmlns:turbo='http://turbo.yandex.ru' "
    "xmlns:atom='http://www.w3.org/2005/Atom' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
)
RSS = f"<rss version='2.0' {SPACES}><channel><title>T</title><link>https://s.example/</link><item>%s</item></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>i</id><title>x</title>%s</entry></feed>"
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    "<channel rdf:about='c'><title>T</title></channel>%s</rdf:RDF>"
)


def only(document):
    (entry,) = parse(document.encode(), url="https://feeds.example/feed.xml").entries
    return entry


@pytest.mark.parametrize(
    ("document", "address"),
    [
        (
            ATOM % "<link rel='http://www.iana.org/assignments/relation/alternate' href='https://a.example/1'/>",
            "https://a.example/1",
        ),
        (
            ATOM % "<link rel='related' href='https://a.example/0'/><link href='https://a.example/1'/>",
            "https://a.example/1",
        ),
        (ATOM % "<content src='https://a.example/1' type='text/html'/>", "https://a.example/1"),
        (ATOM % "<content src='https://a.example/1.mp3' type='audio/mpeg'/>", ""),
        (ATOM % "<link rel='self' href='https://a.example/1'/>", ""),
        (RDF % "<item rdf:about='https://a.example/1'><title>x</title></item>", "https://a.example/1"),
        (RDF % "<item rdf:about='urn:1'><title>x</title></item>", ""),
        (RSS % "<title>x</title><guid isPermaLink='false'>https://a.example/1</guid>", ""),
        (RSS % "<title>x</title><guid isPermaLink='true'>/1</guid>", "https://s.example/1"),
        (RSS % "<title>x</title><link> <![CDATA[ https://a.example/1 ]]> </link>", "https://a.example/1"),
        (
            RSS
            % "<title>x</title><atom:link rel='related' href='https://a.example/0'/><link>https://a.example/1</link>",
            "https://a.example/1",
        ),
    ],
)
def test_the_address_of_an_entry(document, address):
    assert only(document).url == address


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ("<itunes:title>Only</itunes:title>", "Only"),
        ("<itunes:title>Short</itunes:title><title>Long</title>", "Long"),
        (
            "<media:content url='https://m.example/1.jpg'><media:title>Picture</media:title></media:content><title>Own</title>",
            "Own",
        ),
        ("<title>&amp;nbsp;</title>", ""),
        ("<title>&lt;b&gt;&lt;/b&gt;</title>", "<b></b>"),
        ("<title>&amp;shy;Donau&amp;shy;dampf</title>", "Donaudampf"),
        ("<title>1 &lt; 2</title>", "1 < 2"),
        ("<title>One <b>two</b> three</title>", "One two three"),
        ("<title>0</title>", "0"),
    ],
)
def test_the_title_of_an_entry(fields, title):
    assert only(RSS % f"{fields}<guid isPermaLink='false'>1</guid><description>d</description>").title == title


@pytest.mark.parametrize("name", ["yandex:full-text", "turbo:content", "content:encoded"])
def test_a_whole_story_by_another_name(name):
    entry = only(RSS % f"<title>x</title><description>short</description><{name}>the whole of a story</{name}>")
    assert (entry.summary, entry.content) == ("short", "the whole of a story")


def test_the_longest_of_several_whole_stories():
    fields = "<content:encoded>the whole story</content:encoded><yandex:full-text>a part</yandex:full-text>"
    assert only(RSS % fields).content == "the whole story"


def test_a_picture_of_the_item():
    fields = "<title>x</title><image><url>/i.jpg</url><title>Picture</title><link>https://p.example/</link></image>"
    entry = only(RSS % fields)
    assert (entry.image, entry.title, entry.url) == ("https://s.example/i.jpg", "x", "")


def test_a_persons_address_is_no_picture():
    assert only(ATOM % "<author><name>A</name><uri>https://a.example/</uri></author>").image == ""


def test_an_enclosure_with_parameters_and_digits_in_groups():
    (file,) = only(RSS % "<enclosure url=' /a b.mp3 ' length='12,345' type='audio/mpeg; charset=x'/>").enclosures
    assert (file.url, file.type, file.length) == ("https://s.example/a%20b.mp3", "audio/mpeg", 12345)
