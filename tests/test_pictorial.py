"""Stories that are one picture, from the feed to what readers get."""

from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import pytest
from loopback import PARAGRAPHS, page
from world import World, world

from aggregator.model import Feed, Story
from aggregator.publish import entry

SITE = "https://comics.example.org"
FEED = Feed(url=f"{SITE}/rss.xml", name="Comics")
AROUND = (
    '<ul><li><a href="/archive">Archive</a></li><li><a href="/store">Store</a></li><li><a href="/about">About</a></li>'
    '</ul><span id="slogan">A webcomic of romance, sarcasm, math, and language.</span><a href="/">Read about it</a>'
)
BELOW = (
    '<ul><li><a href="/1">&lt; Prev</a></li><li><a href="/random">Random</a></li></ul>Permanent link to this comic: '
    "<a href='/x'>https://comics.example.org/x</a><p>This site is best viewed with an old browser on a slow machine. "
    "Please enable your ad blockers, and remove your device from the cupboard and set it to boat mode.</p>"
)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def item(name: str, description: str = "", more: str = "") -> str:
    return (
        f"<item><guid>{SITE}/{name}</guid><title>{name.title()}</title><link>{SITE}/{name}</link>"
        f"<description>{escape(description)}</description>{more}</item>"
    )


def comic(place: World, name: str, *, head: str = "", shown: str = "") -> None:
    picture = shown or f'<img src="/img/{name}.png" title="Where we all are, in the end" alt="{name}">'
    body = f'{AROUND}<div id="ctitle">{name.title()}</div><div id="comic">{picture}</div>{BELOW}'
    place.sky.put(f"{SITE}/{name}", f"<html><head><title>{name}</title>{head}</head><body>{body}</body></html>")


async def stories(place: World, *items: str) -> dict[str, Story]:
    body = f"<channel><title>Comics</title><link>{SITE}/</link>{''.join(items)}</channel>"
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    place.sky.put(FEED.url, f'<rss version="2.0" {media}>{body}</rss>', "application/rss+xml")
    await place.round([FEED])
    return {story.title: story for story in place.storage.live(10, place.clock[0])}


def stated(name: str) -> str:
    return f'<meta property="og:image" content="{SITE}/img/{name}.png">'


async def test_a_picture_in_the_feed_is_the_whole_story_whatever_stands_around_it_on_its_page(place: World) -> None:
    names = ("barrel", "island", "woodpecker")
    for name in names:
        comic(place, name, head=stated(name))
    picture = '<img src="{}/img/{}.png" title="Where we all are, in the end" alt="Where we all are, in the end" />'
    found = await stories(place, *(item(name, picture.format(SITE, name)) for name in names))
    assert sorted(found) == ["Barrel", "Island", "Woodpecker"], "none is a copy of another"
    for name in names:
        story = found[name.title()]
        assert (story.quality, story.text, story.url) == ("full", "", f"{SITE}/{name}")
        shown = f'<img src="{SITE}/img/{name}.png" alt="Where we all are, in the end">'
        assert shown in entry.body(story)
        assert "Archive" not in entry.body(story)
    place.later(days=8)
    await place.round([FEED])
    assert all(place.sky.asked.count(f"{SITE}/{name}") == 1 for name in names), "whole, so not asked for again"


async def test_a_picture_that_stands_on_the_page_alone_is_the_story(place: World) -> None:
    bare = (
        "<html><head><title>Strip</title>{}</head><body><nav><a href='/'>Home</a></nav><h1>Strip</h1>{}</body></html>"
    )
    large = '<img src="/img/{}.png" width="900" height="300">'
    logo = '<header><img src="/img/logo.png" width="300" height="200"></header>'
    place.sky.put(f"{SITE}/named", bare.format(stated("named"), '<img src="/img/named.png">'))
    place.sky.put(f"{SITE}/only", bare.format("", logo + large.format("only")))
    place.sky.put(f"{SITE}/two", bare.format("", large.format("one") + large.format("other")))
    place.sky.put(f"{SITE}/script", bare.format(stated("script"), ""))
    place.sky.put(f"{SITE}/another", bare.format(stated("another"), '<img src="/img/button.png">'))
    offer = f'<div class="advertisement">{large.format("offer")}</div>'
    place.sky.put(f"{SITE}/beside", bare.format("", offer + large.format("beside")))
    place.sky.put(f"{SITE}/later", bare.format("", '<img src="data:image/gif;base64,R0lGOD" width="900" height="300">'))
    names = ("named", "only", "two", "script", "another", "beside", "later")
    found = await stories(place, *(item(name, "New strip") for name in names))
    assert {name: found[name.title()].quality for name in names} == {
        "named": "full",
        "only": "full",
        "two": "empty",
        "script": "empty",
        "another": "empty",
        "beside": "full",
        "later": "empty",
    }
    for name in ("named", "only", "beside"):
        assert f'src="{SITE}/img/{name}.png"' in found[name.title()].html
        assert "<p>New strip</p>" in found[name.title()].html
        assert found[name.title()].text == "New strip"
    assert "<img" not in found["Two"].html + found["Script"].html + found["Another"].html
    assert "<figure" not in found["Later"].html


async def test_the_picture_that_comes_with_an_entry_without_words_is_shown(place: World) -> None:
    given = f'<media:content url="{SITE}/img/dawn.jpg" medium="image"/>'
    found = await stories(place, item("dawn", "", given), item("dusk", "The sun goes down over the harbour.", given))
    dawn = found["Dawn"]
    assert (dawn.quality, dawn.text) == ("full", "")
    assert entry.body(dawn) == f'<figure><img src="{SITE}/img/dawn.jpg" alt="Dawn"></figure>'
    assert "<img" not in found["Dusk"].html, "it stands beside the text"


async def test_a_page_that_tells_a_story_goes_before_its_feeds_picture(place: World) -> None:
    place.sky.put(f"{SITE}/tanks", page("Tanks", PARAGRAPHS["tanks"]))
    found = await stories(place, item("tanks", f'<img src="{SITE}/img/thumb.png">'))
    assert found["Tanks"].text.split("\n\n") == PARAGRAPHS["tanks"]
