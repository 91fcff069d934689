"""Which pictures of a page come out with its story, and under which address."""

import pytest
from bridge import LATER, LONG, URL

from aggregator.clean import clean, load_model
from aggregator.model import Document, Site


def shown(figure: str, *, head: str = "", above: str = "") -> str:
    """The HTML of a story of five paragraphs with something after the second."""
    before, after = f"<p>{LONG}</p><p>{LATER}</p>", f"<p>{LONG[4:]}</p><p>{LATER[6:]}</p><p>{LONG[8:]}</p>"
    html = (
        f"<html><head><title>Bridge closed</title>{head}</head><body>{above}"
        f"<div><article><h1>Bridge closed</h1>{before}{figure}{after}</article></div></body></html>"
    )
    document = Document(kind="page", body=html, url=URL)
    return clean(document, None, Site(), load_model()).article.html


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ('<img src="data:image/svg+xml,x" nitro-lazy-src="/img/pier.jpg">', "/img/pier.jpg"),
        ('<img data-delayed-url="https://news.example.org/img/pier">', "/img/pier"),
        ('<a href="/img/pier-big.jpg"><img src="data:image/gif;base64,R0"></a>', "/img/pier-big.jpg"),
        ('<a href="/img/pier-big.jpg"><img src="/lazy_placeholder.gif"></a>', "/img/pier-big.jpg"),
        ('<img src="/ph.gif" data-srcset="/img/pier-400.jpg 400w, /img/pier-1200.jpg 1200w">', "/img/pier-1200.jpg"),
        ('<picture><source data-srcset="/img/pier.webp"><img src="/img/pier-20.jpg"></picture>', "/img/pier.webp"),
        ('<img src="/img/pier.jpg" srcset="/img/pier-1200.jpg 1200w">', "/img/pier.jpg"),
        ('<img src="/img/pier.jpg" data-srcset="data:image/gif;base64,R0lGOD,/lhAQAB 1x">', "/img/pier.jpg"),
        ('<img src="/img/an-empty-corner.jpg">', "/img/an-empty-corner.jpg"),
        ('<img src="/img/menu_transparent_1024x1024.png">', "/img/menu_transparent_1024x1024.png"),
        ('<img src="/img/town-logo.png" width="600" height="400">', "/img/town-logo.png"),
        ('<img src="/img/town-logo.png" class="brand logo">', "/img/town-logo.png"),
        ('<img src="data:image/gif;base64,R0" ta-srcset="/img/pier-300.jpg 300w">', "/img/pier-300.jpg"),
        ('<a href="https://shop.example/map"><img src="/img/map.jpg" width="600" height="400"></a>', "/img/map.jpg"),
        ('<div class="et_social_media_wrapper"><img src="/img/pier.jpg"></div>', "/img/pier.jpg"),
    ],
)
def test_a_figure_of_the_story_comes_out(image, address):
    assert f'src="https://news.example.org{address}"' in shown(f"<figure>{image}</figure>")


TOLD = "A promotional graphic with the word bridge, a hand and a flag before a purple sky"


@pytest.mark.parametrize(
    "figure",
    [
        '<figure class="kg-card kg-image-card"><a href="https://shop.example/"><img src="/img/pier.jpg"></a></figure>',
        f'<figure><a href="https://shop.example/"><img src="/img/pier.jpg" alt="{TOLD}"></a></figure>',
        '<aside><figure><img src="/img/pier.jpg"></figure></aside>',
    ],
)
def test_what_its_box_is_called_or_its_description_says_is_no_reason(figure):
    assert 'src="https://news.example.org/img/pier.jpg"' in shown(figure)


MAP = '<a href="https://maps.example/bridge?utm_source=x"><img src="/img/map.jpg"></a>'
BOX = f'<div>{MAP}<p><a href="https://maps.example/bridge">Share this</a></p></div>'


def test_a_picture_that_leads_where_the_story_itself_does_belongs_to_it():
    told = f'<p>{LATER[8:]} It is on <a href="https://maps.example/bridge">the map</a> of the town.</p>'
    assert "/img/map.jpg" in shown(told + BOX)
    assert "/img/map.jpg" not in shown(told.replace("maps.example/bridge", "maps.example/town") + BOX)
    near = BOX.replace("https://maps.example/", "/maps/").replace("</a></p>", '</a> <a href="/x">Facebook</a></p>')
    assert "/img/map.jpg" not in shown(told.replace("https://maps.example/", "/maps/") + near)  # another story's card
    row = f"<div>{BOX}{''.join(MAP.replace('map.jpg', f'{n}.jpg') for n in range(2))}</div>"
    assert "/img/map.jpg" not in shown(told + row)  # offers, side by side


def test_the_caption_of_a_link_to_another_site_is_no_headline():
    figure = '<p><a href="https://maps.example/"><figure><img src="/img/map.jpg"><figcaption>A map</figcaption></figure></a></p>'
    assert "/img/map.jpg" in shown(figure)
    assert "/img/map.jpg" not in shown(figure.replace("https://maps.example/", "/2024/02/map"))


def test_a_picture_between_a_first_line_and_the_body_comes_out():
    intro = f"<p>{LATER[9:]}</p>"
    body = "".join(f"<p>{text}</p>" for text in (LONG, LATER, LONG[4:], LATER[6:], LONG[8:]))
    page = f"<div><h1>Bridge closed</h1>{intro}%s<div class='body'>{body}</div></div>"
    html = f"<html><head><title>Bridge closed</title></head><body>{page}</body></html>"

    def out(picture: str) -> str:
        document = Document(kind="page", body=html % picture, url=URL)
        return clean(document, None, Site(), load_model()).article.html

    assert '<img src="https://news.example.org/img/pier.jpg"' in out('<img src="/img/pier.jpg">')
    assert "<img" not in out('<div class="round"><img src="/img/jane.jpg"></div>')


def test_pictures_in_cells_and_items_without_words_stay_where_they_are():
    cells = "".join(f'<tr><td><img src="/img/{n}.jpg"></td><td><p>{LONG[n:]}</p></td></tr>' for n in range(3))
    html = shown(f"<table><tr><th>Pier</th><th>What was found</th></tr>{cells}</table>")
    assert '<td><figure><img src="https://news.example.org/img/1.jpg" alt=""></figure></td><td><p>' in html


@pytest.mark.parametrize(
    "chrome",
    [
        '<figure><img src="/img/blank.gif"></figure>',
        '<figure><img src="/img/lazy-loading.svg"></figure>',
        '<figure><img data-src="//:0" src="//:0"></figure>',
        '<figure><img src="/img/example-logo.png"></figure>',
        '<figure><img src="/img/logo.svg" alt="Logo"></figure>',
        '<div><img src="/img/town-logo.png"></div>',
        '<figure><img src="/img/jane.jpg" alt="Headshot of Jane Ash"></figure>',
        '<figure><img src="/img/pier.jpg" style="width: 1.5rem; height: 1.5rem"></figure>',
        '<div class="trending-row"><img src="/img/other.jpg"></div>',
        '<figure><img src="/img/pier.jpg" style="width: 24px; height: 24px"></figure>',
        '<figure><img src="/img/jane.jpg" width="70" height="70"></figure>',
        '<aside class="recirc"><div><img src="/img/other.jpg"></div></aside>',
        '<div class="social"><img src="/img/pier.jpg"></div>',
        '<figure><a href="/shop"><img src="/img/wide.jpg" width="728" height="90"></a></figure>',
        '<figure><a href="/shop"><img src="/img/book-demo.jpg" alt="Book demo button"></a></figure>',
        '<div><a href="/other"><img src="/img/other.jpg"></a><p><a href="/other">Another story</a></p></div>',
        '<div><a href="/other"><img src="/img/other.jpg"> Another story</a></div>',
        "<div>" + "".join(f'<a href="/other/{n}"><img src="/img/{n}.jpg"></a>' for n in range(4)) + "</div>",
    ],
)
def test_what_is_no_picture_of_the_story_stays_out(chrome):
    assert "<img" not in shown(chrome)


LEAD = '<meta property="og:image" content="https://news.example.org/img/lead.jpg">'
HERO = '<div><div class="hero"><figure><img src="/img/lead-1200x800.jpg"><figcaption>The pier</figcaption></figure></div></div>'


def test_the_picture_that_the_page_states_comes_first_where_it_stands_above_the_story():
    html = shown("", head=LEAD, above=HERO)
    assert html.startswith('<figure><img src="https://news.example.org/img/lead-1200x800.jpg" alt="">')
    assert "<figcaption>The pier</figcaption></figure><p>The old bridge" in html
    assert html.count("<img") == 1


@pytest.mark.parametrize(
    ("head", "above"),
    [
        ("", HERO),  # nobody says that it is the story's
        (LEAD, ""),  # stated for sharing, and not shown
        (LEAD, HERO.replace("hero", "related")),
        (LEAD, HERO.replace("<img", '<a href="/"><img').replace('jpg">', 'jpg"></a>')),  # leads to the front page
    ],
)
def test_other_pictures_above_the_story_stay_out(head, above):
    assert "<img" not in shown("", head=head, above=above)


def test_a_captioned_figure_below_the_headline_is_the_lead():
    html = shown("", above=f"<header><h1>Bridge closed</h1>{HERO}</header>")
    assert html.startswith('<figure><img src="https://news.example.org/img/lead-1200x800.jpg" alt="">')
    assert "<img" not in shown("", above=f"<header>{HERO}<h1>Bridge closed</h1></header>")
    bare = HERO.replace("<figcaption>The pier</figcaption>", "")
    assert "<img" not in shown("", above=f"<header><h1>Bridge closed</h1>{bare}</header>")


def test_a_standfirst_may_stand_above_the_lead():
    standfirst = f"<main><h1>Bridge closed</h1><p>{LATER[6:]}</p></main>"
    html = shown("", head=LEAD, above=standfirst + HERO)
    assert html.count("<img") == 1
    assert html.count("<p>") == 6
    assert 'src="https://news.example.org/img/lead-1200x800.jpg"' in html


def test_a_lead_that_stands_in_the_story_comes_once():
    html = shown('<figure><img src="/img/lead-600x400.jpg"></figure>', head=LEAD, above=HERO)
    assert html.count("<img") == 1
    assert html.startswith("<p>The old bridge")


@pytest.mark.parametrize(
    "names",
    [
        ("/img/IMG_4282.jpg", "/img/IMG_4285.jpg"),
        ("/img/pier-1240.jpg", "/img/pier-1241.jpg"),
        ("/2024/11/image.png", "/2024/12/image.png"),
        ("/photos/1234/large.jpg", "/photos/1235/large.jpg"),
        ("/show.php?id=1", "/show.php?id=2"),
        (
            "/_next/image?url=%2Fimg%2Fpier.jpg&amp;w=640&amp;q=75",
            "/_next/image?url=%2Fimg%2Farch.jpg&amp;w=640&amp;q=75",
        ),
        (
            "/convert?type=webp&amp;url=https://cdn.example/a.png",
            "/convert?type=webp&amp;url=https://cdn.example/b.png",
        ),
    ],
)
def test_pictures_of_one_series_or_one_service_are_several(names):
    html = shown("".join(f'<figure><img src="{name}"></figure>' for name in names))
    assert [html.count(name) for name in names] == [1, 1]


@pytest.mark.parametrize(
    "names",
    [
        ("/img/pier-2025-300x200.jpg", "/img/pier-2025.jpg"),
        ("/img/pier-1280.jpg", "/img/pier-640w.jpg"),
        ("/img/pier-768x512.jpg", "/img/pier-1200-1024x683.jpg"),
        ("/img/750/562/pier.jpg", "/img/750/422/pier.jpg"),
        ("/img/w_640,c_limit/pier.jpg", "/img/w_1280,c_limit/pier.jpg"),
        ("/_next/image?url=%2Fimg%2Fpier.jpg&amp;w=640", "/_next/image?url=%2Fimg%2Fpier.jpg&amp;w=1080"),
        ("/fit/300/https%3A%2F%2Fcdn.example%2Fpier.jpg", "https://cdn.example/pier.jpg"),
        ("https://i0.wp.com/cdn.example/pier.jpg?w=300", "https://cdn.example/pier.jpg"),
        ("/img/pier?fit=crop&amp;width=204", "/img/pier?fit=crop&amp;width=800"),
    ],
)
def test_one_picture_in_two_sizes_comes_once(names):
    assert shown("".join(f'<figure><img src="{name}"></figure>' for name in names)).count("<img") == 1


@pytest.mark.parametrize(
    "box",
    ["inner-banner pa-inline-buttons", "promo-image", "profile social icons"],
)
def test_what_the_box_of_a_stated_lead_is_called_is_no_reason(box):
    html = shown("", head=LEAD, above=HERO.replace("hero", box))
    assert html.startswith('<figure><img src="https://news.example.org/img/lead-1200x800.jpg" alt="">')
    assert "<img" not in shown("", head=LEAD, above=f"<footer>{HERO}</footer>")


def test_the_stated_picture_stays_in_the_story_whatever_it_is_a_link_to():
    card = '<div class="wp-caption"><a href="/people/an-engineer"><img src="/img/%s.jpg"></a><p><a href="/people">Ask her.</a></p></div>'
    assert shown(card % "lead", head=LEAD).count("<img") == 1
    assert "<img" not in shown(card % "other", head=LEAD)
    assert "<img" not in shown(card % "townlogo", head=LEAD.replace("lead", "townlogo"))
    assert "<img" not in shown(f'<div class="related">{card % "lead"}</div>', head=LEAD)


def test_what_is_offered_in_a_large_width_is_no_badge():
    image = '<img src="/img/town-badges.jpg" srcset="/img/town-badges.jpg 1179w, /img/town-badges-300x200.jpg 300w">'
    assert "/img/town-badges.jpg" in shown(f"<figure>{image}</figure>")
    assert "<img" not in shown(f"<figure>{image.replace('1179w', '117w').replace('300w', '30w')}</figure>")
    assert "<img" not in shown(f"<div>{image.replace('town-badges', 'logo-town')}</div>")


def test_a_picture_stays_in_the_link_that_its_text_stands_in():
    card = f'<a href="https://shop.example/pier"><div><img src="/img/pier.jpg"></div><p>{LATER}</p></a>'
    document = Document(kind="fragment", body=f"<p>{LONG}</p>{card}", url=URL)
    html = clean(document, None, Site(), load_model()).article.html
    assert LATER in html
    assert 'src="https://news.example.org/img/pier.jpg"' in html


@pytest.mark.parametrize(
    ("player", "address"),
    [
        ('<lite-youtube videoid="abcDEF12345"></lite-youtube>', "https://www.youtube.com/watch?v=abcDEF12345"),
        ('<lite-vimeo videoid="364402896"></lite-vimeo>', "https://vimeo.com/364402896"),
        ('<amp-vimeo data-videoid="27246366"></amp-vimeo>', "https://vimeo.com/27246366"),
        ('<video src="/media/pier.mp4"></video>', "https://news.example.org/media/pier.mp4"),
        ('<audio><source src="/media/pier.mp3"></audio>', "https://news.example.org/media/pier.mp3"),
        (
            '<iframe src="https://www.youtube.com/embed/videoseries?si=x&amp;list=PLx0sYbCqOb8T"></iframe>',
            "https://www.youtube.com/playlist?list=PLx0sYbCqOb8T",
        ),
    ],
)
def test_a_player_becomes_a_link_to_what_it_plays(player, address):
    assert f'href="{address}"' in shown(player)


def test_a_live_stream_is_no_video_of_that_name():
    assert "youtube" not in shown('<iframe src="https://www.youtube.com/embed/live_stream?channel=UC1"></iframe>')
