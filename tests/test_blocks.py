"""Tests of the walk over a page and of a text's lines."""

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clean.blocks import fold, page_blocks, text_blocks


def blocks_of(html, kept_text=""):
    return page_blocks(lxml.html.fromstring(f"<html><body>{html}</body></html>"), kept_text)


def texts_of(html):
    return [block.text for block in blocks_of(html)]


def run_text(block):
    """The text that a block's element, start and stop speak of."""
    element = block.element
    parts = [element.text or "" if block.start == 0 else element[block.start - 1].tail or ""]
    for child in element[block.start : block.stop]:
        if isinstance(child.tag, str) and child.tag not in {"script", "style"}:
            parts.append(child.text_content())
        parts.append(child.tail or "")
    return fold(" ".join(parts) if element.tag == "tr" else "".join(parts))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One <b>two</b> three.</p><p>Four.</p>", ["One two three.", "Four."]),
        ("<div>Loose <a href=x>text</a><p>inside</p> and after</div>", ["Loose text", "inside", "and after"]),
        ("<div>one<br>line<br><br>another</div>", ["one line", "another"]),
        ("<span>deep<br><br><i>broken</i></span>", ["deep", "broken"]),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", ["a", "b", "c"]),
        ("<table><tr><th>Name</th><td>Ada</td></tr></table>", ["Name Ada"]),
        ("<table><tr><td><p>First.</p><p>Second.</p></td></tr></table>", ["First.", "Second."]),
        ("<my-card>custom <my-word>element</my-word></my-card>", ["custom element"]),
        ("<a href=x><h3>Title</h3><p>Teaser</p></a>", ["Title", "Teaser"]),
        ("<script>no()</script><style>no</style><template>no</template><p>yes</p>", ["yes"]),
        ("<select><option>no</option></select><p>yes<!-- no --></p>", ["yes"]),
        ("<p> \n </p><p>\u00a0x\u2003y\n</p>", ["x y"]),
    ],
)
def test_a_page_falls_into_blocks(html, expected):
    assert texts_of(html) == expected


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<p>x</p>", "paragraph"),
        ("<div>x</div>", "paragraph"),
        ("<h3>x</h3>", "heading"),
        ("<ul><li><p>x</p></li></ul>", "list item"),
        ("<blockquote><p>x</p></blockquote>", "quote"),
        ("<table><tr><td>x</td></tr></table>", "table row"),
        ("<table><tr><td><p>x</p></td></tr></table>", "paragraph"),
        ("<pre><code>x</code></pre>", "code"),
        ("<figure><figcaption><span>x</span></figcaption></figure>", "caption"),
        ("<button>x</button>", "other"),
    ],
)
def test_kinds(html, kind):
    (block,) = blocks_of(html)
    assert block.kind == kind


def test_links_and_emphasis_are_measured_by_characters():
    half, whole, bold = blocks_of("<p>abcde <a href=x>fghij</a></p><a href=x><p>abc</p></a><p><b>abc</b></p>")
    assert half.linked == pytest.approx(5 / 11)
    assert whole.linked == 1.0
    assert (bold.marked, bold.linked) == (1.0, 0.0)


def test_places_know_what_is_around():
    shown, hidden = blocks_of("<main class='Post Body'><p>a</p></main><div style='display: none'><p>b</p></div>")
    assert (shown.place.tag, shown.place.parent.tag, shown.place.parent.names) == ("p", "main", "post body")
    assert (shown.place.hidden, hidden.place.hidden) == (False, True)
    assert shown.place.parent.parent is hidden.place.parent.parent
    assert shown.place.parent.index < shown.place.index < hidden.place.index


def test_what_trafilatura_kept_is_told_by_letters_alone():
    kept = "# The storm\nIt **rained** on the valley, for three whole days.\n- bread"
    page = (
        "<h1>The storm!</h1><p>It rained on the valley, for <i>three</i> whole days.</p><p>the valley</p><p>Bread</p>"
    )
    assert [block.kept for block in blocks_of(page, kept)] == [True, True, False, True]


def test_a_block_kept_for_the_greater_part_is_kept():
    sentence = (
        "A sentence that is long enough to be cut into pieces, with several words in each of them, one after another."
    )
    (block,) = blocks_of(f"<p>{sentence} Added.</p>", sentence)
    assert block.kept


@given(st.text("abcdefgh", min_size=40, max_size=60), st.integers(0, 23), st.integers(16, 40))
def test_a_stretch_of_what_trafilatura_kept_is_kept_wherever_it_begins(kept, begin, size):
    (block,) = blocks_of(f"<p>{kept[begin : begin + size]}</p>", kept)
    assert block.kept


@pytest.mark.parametrize("offset", range(8))
def test_pieces_of_a_block_are_found_wherever_they_begin(offset):
    (block,) = blocks_of("<p>the quick brown fox jumps over</p>", f"{'z' * offset}jumpsover, the quick brown fox")
    assert block.kept


def test_nothing_is_kept_of_an_empty_text():
    assert not any(block.kept for block in blocks_of("<p>One.</p><p>!!!</p>"))


def test_deep_nesting_is_walked_without_recursion_running_out():
    tree = lxml.html.Element("div")
    at = tree
    for _ in range(5000):
        at = lxml.html.etree.SubElement(at, "div")
        at.text = "x"
    assert len(page_blocks(tree)) <= 300


words = st.text(alphabet="abc xyzäß", max_size=12)
trees = st.recursive(
    words,
    lambda inner: st.tuples(
        st.sampled_from(["p", "div", "span", "b", "ul", "li", "td", "br"]), st.lists(inner, max_size=4)
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=20,
)


@given(trees)
def test_blocks_hold_all_of_the_page_in_order_and_know_their_nodes(html):
    tree = lxml.html.fromstring(f"<html><body>{html}</body></html>")
    blocks = page_blocks(tree)
    assert "".join("".join(block.text for block in blocks).split()) == "".join(tree.text_content().split())
    for block in blocks:
        assert block.text == fold(block.text) != ""
        assert run_text(block).replace(" ", "") == block.text.replace(" ", "")


def test_a_line_of_text_is_a_block():
    found = text_blocks("First  line\n\n\nSecond\x85\tThird\r\nFourth\n")
    assert [(block.text, block.gap) for block in found] == [
        ("First line", 0),
        ("Second", 2),
        ("Third", 0),
        ("Fourth", 0),
    ]
    assert all(block.element is None and block.place is None for block in found)


@given(st.text())
def test_lines_lose_nothing_but_space(text):
    assert "".join("".join(block.text for block in text_blocks(text)).split()) == "".join(text.split())
