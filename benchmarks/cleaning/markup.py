"""Is the markup that comes out what the page had? Checked on a bench file: PATH [--limit N] [--worst N] [--half HALF].

For each page with a gold text: the HTML goes through nh3 unchanged and holds nothing active; the gold's lines that the
page has as list items or headings come out as such; the article's pictures are kept, no others come in (pictures.py).
Where the gold's line stands on the page in another element, as the alignment of both has it, an entry of a menu or of a
table of contents with the same words is no item of the gold, nor is a card named "Arches" where the gold's "1. Arches"
is a heading of the page. The page's own headline is no heading of the text: neither
what says its title nor an h1 above the gold's first paragraph.
Rules for pictures were written with the mistakes of "develop" in sight, of "check" only totals were seen.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path

from metadata import half_of
from pictures import Aligned, aligned, key_of, pictures

from aggregator.clean import clean, load_model
from aggregator.clean.decoding import parsed
from aggregator.model import Document, Site
from aggregator.sanitize import sanitize

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
OWN = ("article", "lead")
FOREIGN = ("chrome", "elsewhere")


def bare(text):
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text).casefold()


def spellings(line):
    """A line with and without the sign or number before it, bare."""
    return bare(line), bare(line.lstrip("-*•0123456789. "))


def lines_of(tree, tags):
    """The texts of elements of these kinds, bare, those of some length."""
    found = {bare("".join(element.itertext())) for element in tree.iter(*tags)}
    return {text for text in found if len(text) > 8}


def gold_lines(tree, tags, found: Aligned, gold):
    """Those lines of the gold that are elements of these kinds, but for those it has from elsewhere on the page."""
    places = {element: place for place, element in enumerate(tree.iter())}
    golds = {block.element for block in found.golds}
    first = min((places[block.element] for block in found.golds if block.kind == "paragraph"), default=0)
    inside = {each for element in tree.iter(*tags) for each in element.iter()}
    elsewhere = {text for block in found.golds if block.element not in inside for text in spellings(block.text)}
    headlines = [each for each in tree.iter("h1") if each.tag in tags and places[each] < first]
    own = {bare("".join(each.itertext())) for each in tree.iter(*tags) if not golds.isdisjoint(each.iter())}
    said = lines_of(tree, (*HEADINGS, "li"))
    spelt = [spellings(line) for line in gold.splitlines()]
    numbered = {short for full, short in spelt if full != short and full in said} - {full for full, _ in spelt}
    shown = lines_of(tree, tags) & {each for both in spelt for each in both}
    return shown - ((elsewhere | numbered) - own) - {bare("".join(each.itertext())) for each in headlines}


def source(tag):
    """The src of an img tag."""
    found = re.search(r'src="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def of_pictures(tree, page, found: Aligned, html):
    """Of each place's pictures, how many came out; and of those that came out, how many from each place."""
    shown = {key_of(source(tag)) for tag in re.findall(r"<img[^>]*>", html)}
    counts = Counter()
    for picture in pictures(tree, found, page.get("url") or "", page.get("author") or ""):
        counts[picture.place, bool(picture.keys & shown)] += 1
    came = sum(count for (_, out), count in counts.items() if out)
    kept = {f"pictures, {name}": (counts[name, True] + counts[name, False], counts[name, True]) for name in OWN}
    return kept | {f"came out, from {name}": (came, counts[name, True]) for name in FOREIGN}


def check(page, model):
    """Counts of one page: (gold list items, of them kept so), headings, images; whether sanitising again changes it."""
    base = page.get("url") or ""
    article = clean(Document(kind="page", body=page["html"], url=base), None, Site(), model).article
    tree = parsed(page["html"])
    out = parsed(f"<div>{article.html}</div>")
    title = bare(article.title)
    counts, everything = {}, bare(article.text)
    found = aligned(tree, page["gold"])
    for name, tags in (("items", ("li",)), ("headings", HEADINGS)):
        wanted = gold_lines(tree, tags, found, page["gold"]) - {title}
        if name == "items":  # a table of contents repeats the headings
            wanted -= lines_of(tree, HEADINGS)
        kept = wanted & lines_of(out, tags) if out is not None else set()
        came = {text for text in wanted if text in everything}
        counts[name] = (len(wanted), len(kept))
        counts[f"{name}, of the text that came out"] = (len(came), len(came & kept))
    counts |= of_pictures(tree, page, found, article.html)
    counts["idempotent"] = (1, int(sanitize(article.html, base=base) == article.html))
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--half", choices=("develop", "check"), help="of the sites, by their names' hash")
    args = parser.parse_args()
    totals, pages, model = {}, [], load_model()
    opener = gzip.open if args.bench.suffix == ".gz" else open
    with opener(args.bench, "rt", encoding="utf-8") as file:
        for line in file:
            page = json.loads(line)
            wrong_half = args.half and half_of(page) != args.half
            if wrong_half or not page.get("gold") or not page.get("html") or len(pages) >= args.limit:
                continue
            counts = check(page, model)
            pages.append((page["id"], counts))
            for name, (wanted, kept) in counts.items():
                totals[name] = tuple(map(sum, zip(totals.get(name, (0, 0)), (wanted, kept), strict=True)))
    for name, (wanted, kept) in totals.items():
        print(f"{name:36} {kept}/{wanted} {kept / max(1, wanted):.4f}")
        missing = sorted(((counts[name][0] - counts[name][1], ident) for ident, counts in pages), reverse=True)
        for lost, ident in missing[: args.worst]:
            print(f"  {lost} of page {ident}")


if __name__ == "__main__":
    main()
