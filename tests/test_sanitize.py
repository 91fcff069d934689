"""What leaves the sanitiser can do nothing, stays the same when it comes back, and costs little whatever came in."""

import re

import pytest
import xss_oracle
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.sanitize import MAX_INPUT, clean_text, legal, sanitize, text_of

BASE = "https://example.org/news/story.html"

PAYLOADS = [
    "<script>pwn()</script>",
    "<img src=x onerror=pwn()>",
    "<svg onload=pwn()><circle r=1></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=pwn()>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=pwn()&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=pwn()>",
    '<noscript><p title="</noscript><img src=x onerror=pwn()>">',
    '<a href="javascript:pwn()">x</a>',
    '<a href="java\nscript:pwn()">x</a>',
    '<a href="&#x6a;avascript:pwn()">x</a>',
    '<a href=" \x01javascript:pwn()">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    '<a href="//evil.invalid/" target=_blank>x</a>',
    '<img srcset="x 1x, javascript:pwn() 2x">',
    '<div style="position:fixed;top:0;background:url(//evil.invalid)">x</div>',
    '<iframe srcdoc="<script>parent.pwn()</script>"></iframe>',
    "<template><script>pwn()</script></template>",
    "<xmp><img src=x onerror=pwn()></xmp>",
    "<plaintext><img src=x onerror=pwn()>",
    "<title><img src=x onerror=pwn()></title>",
    "<!--><script>pwn()</script>-->",
    "<![CDATA[<script>pwn()</script>]]>",
    "<div id=document name=cookie><input name=password type=password></div>",
    "<no<noscript></noscript>script><img src=x onerror=pwn()></noscript>",
    "<s<noscript></noscript>vg><script>pwn()</script></svg>",
    "<x-svg><style><img src=x onerror=pwn()></style></x-svg>",
    '<p dir="rtl" lang="ar" onclick=pwn()>x</p><table background="javascript:pwn()"><tr><td>1',
    '<a href="https://ok.example/"><table><a href="javascript:pwn()">x',
    "<details open ontoggle=pwn()>x</details><video src=x onerror=pwn()>",
    '"><script>pwn()</script>',
]

MARKUP = st.recursive(
    st.sampled_from(["x", "a & b", "&lt;", "<", "<br>", '<img src="/a.png" alt="q">', "\n", "<hr>", "<li>y", "</p>"]),
    lambda inner: st.tuples(
        st.sampled_from(
            ["p", "b", "i", "a href=/x", "ul", "li", "table", "tr", "td", "pre", "h2", "blockquote", "svg", "div"]
        ),
        st.lists(inner, max_size=4),
        st.booleans(),
    ).map(lambda parts: f"<{parts[0]}>{''.join(parts[1])}" + (f"</{parts[0].split()[0]}>" if parts[2] else "")),
    max_leaves=25,
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_is_left(payload):
    for html in (payload, f"<p>before</p>{payload}<p>after</p>", f"<ul><li><a href=/x>{payload}</ul>"):
        assert xss_oracle.violations(sanitize(html, base=BASE)) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.one_of(MARKUP, st.text(alphabet="<>/ap \"'=&;!-xsvgt\n", max_size=60), st.sampled_from(PAYLOADS)))
@example("<pre>\n\nx</pre>")
@example("<table><a href=/x>x")
@example("<p><a href=/x><p>a<p>b")
def test_sanitising_twice_changes_nothing(html):
    once = sanitize(html, base=BASE)
    assert sanitize(once, base=BASE) == once
    assert sanitize(once) == once
    assert xss_oracle.violations(once) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_legal_text(text):
    for out in (sanitize(text), text_of(text), clean_text(text, 80), legal(text)):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", out)
    assert len(clean_text(text, 80)) <= 80


HOSTILE = {
    "nesting": "<div>" * 100_000 + "x",
    "nested lists": "<ul><li>" * 5_000 + "deep",
    "attributes": "<div " + " ".join(f"a{i}" for i in range(100_000)) + ">x</div>",
    "attributes behind a quoted tag": '<a x="<" y=">" ' + "b " * 100_000 + ">x",
    "attributes behind raw text": '<svg><style><a x="</style><a ' + "b " * 100_000 + ">",
    "ampersands": "&" * 1_000_000,
    "entities": "&amp;" * 200_000,
    "adoption agency": "".join(f"<b {i}>" for i in range(2000)) + "<i>" * 300 + "x</b>" * 2000,
    "copied links": "<p><a href=https://example.org/" + "A" * 2000 + ">" + "<p>a" * 50_000,
    "unclosed formatting": "<b>" * 50_000 + "x",
    "unclosed quotes": '<a "' * 200_000,
    "noscript": "<noscript>" * 90_000,
    "comments": "<!--" * 200_000,
    "less-than": "<" * 200_000,
    "tables of links": "<table><a>" * 40_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_input_ends_as_something_harmless_and_bounded(html):
    out = sanitize(html, base=BASE)
    assert len(out) <= 3 * MAX_INPUT
    assert xss_oracle.violations(out[:20_000]) == []
    assert isinstance(text_of(html), str)


def test_hostile_attributes_keep_their_words():
    html = "<div " + " ".join(f"a{i}" for i in range(5_000)) + ">the words</div>"
    assert sanitize(html) == "<p>the words</p>"


def test_many_unclosed_paragraphs_are_no_attack():
    assert sanitize("<p>line\n" * 300).count("<p>") == 300


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<a href="/a">x</a>', '<a href="https://example.org/a" rel="noopener noreferrer nofollow">x</a>'),
        (
            '<a href="b?c=1&amp;d=2">x</a>',
            '<a href="https://example.org/news/b?c=1&amp;d=2" rel="noopener noreferrer nofollow">x</a>',
        ),
        (
            '<a href="mailto:me@example.org">x</a>',
            '<a href="mailto:me@example.org" rel="noopener noreferrer nofollow">x</a>',
        ),
        ('<a href="ftp://example.org/">x</a>', "<a>x</a>"),
        (f'<a href="https://example.org/{"x" * 2100}">x</a>', "<a>x</a>"),
        ('<p dir="rtl" lang="ar" id="top" class="c">x</p>', '<p dir="rtl" lang="ar">x</p>'),
        (
            '<pre><code class="hljs language-python x">a</code></pre>',
            '<pre><code class="language-python">a</code></pre>',
        ),
        ('<ol start="3"><li value="4">x</li></ol>', '<ol start="3"><li value="4">x</li></ol>'),
        ('<time datetime="2024-03-05">x</time>', '<time datetime="2024-03-05">x</time>'),
        ("<span>a</span><font>b</font>", "ab"),
        ("<h1>t</h1><mark>m</mark>", "<h1>t</h1><mark>m</mark>"),
    ],
)
def test_what_is_kept_of_markup(html, kept):
    assert sanitize(html, base=BASE) == kept


def test_table_attributes_are_kept_within_reason():
    out = sanitize('<table><tr><td colspan="2" rowspan="9999999" width=5>x</td></tr></table>')
    assert out == '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'


def test_without_a_base_relative_addresses_go():
    assert sanitize('<a href="/a">x</a><img src="b.png">') == "<a>x</a>"


@pytest.mark.parametrize(
    "tag",
    [
        '<img src="https://example.org/p.gif" width="1" height="1">',
        '<img src="https://stats.wordpress.com/b.gif?v=1">',
        '<img src="https://feeds.feedburner.com/~r/x/~4/y" width="600">',
        '<img style="display: none" src="https://example.org/count?x=1">',
        '<img src="data:image/gif;base64,R0lGOD">',
        '<img src="https://example.org/img/pixel.gif">',
        "<img alt=x>",
    ],
)
def test_trackers_and_images_without_an_address_go(tag):
    assert sanitize(f"<p>x{tag}</p>", base=BASE) == "<p>x</p>"


def test_images_stay_and_may_be_dropped():
    html = (
        '<figure><picture><source srcset="/b.webp"><img src="/a.jpg" alt="An apple" width="600"></picture>'
        "<figcaption>c</figcaption></figure>"
    )
    kept = '<figure><img src="https://example.org/a.jpg" alt="An apple" width="600"><figcaption>c</figcaption></figure>'
    assert sanitize(html, base=BASE) == kept
    assert sanitize(html, base=BASE, drop_images=True) == "<figure><figcaption>c</figcaption></figure>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two &amp; three</p>", "One\n\ntwo & three"),
        ("a<br>b<br><br>c", "a b\n\nc"),
        ("<ul><li>x<li>y</ul>z", "x\n\ny\n\nz"),
        ("no markup &lt;b&gt;", "no markup <b>"),
        ("<script>x</script><style>y</style>z", "z"),
        ("<div>in<b>li</b>ne</div> tail", "inline\n\ntail"),
        ("", ""),
        ("<!-- only -->", ""),
        ("<p><ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp>京<rt>きょう</rt></ruby>の天気</p>", "東京の天気"),
        ("<ruby>漢<rt>かん</ruby>字<RUBY><rb>名<rt>めい</RUBY>", "漢字名"),
        ("<ruby><rb>東<rb>京<rtc><rt>とう<rt>きょう</rtc></ruby>に", "東京に"),
        ("<p>a <rt>no ruby</rt> b", "a no ruby b"),
        ("<p>a<ruby>b<rt>without end<p>next</p>", "ab\n\nnext"),
    ],
)
def test_text_of_markup(html, text):
    assert text_of(html) == text


def test_one_line_of_text():
    assert clean_text("  a\x00\tb\r\n c &amp; \u202egnp.exe ", 99) == "a b c &amp; gnp.exe"
    assert clean_text("abc def", 4) == "abc"


def test_legal_text_keeps_tabs_and_newlines():
    assert legal("a\tb\r\nc\rd\x85\ud800\ufffe") == "a\tb\nc\nd"
