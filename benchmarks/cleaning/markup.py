"""Is the markup that comes out what the page had? Checked on a bench file: PATH [--limit N] [--worst N].

For each page with a gold text: the HTML goes through nh3 unchanged and holds nothing active; the gold's lines that the
page has as list items or headings come out as such; the images inside the element that holds the gold are kept.
"""

import argparse
import gzip
import json
import re
from pathlib import Path

from aggregator.clean import clean, load_model
from aggregator.clean.decoding import parsed
from aggregator.clean.images import picture
from aggregator.clean.render import picture_key
from aggregator.model import Document, Site
from aggregator.sanitize import sanitize

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def bare(text):
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text).casefold()


def lines_of(tree, tags):
    """The texts of elements of these kinds, bare, those of some length."""
    found = {bare("".join(element.itertext())) for element in tree.iter(*tags)}
    return {text for text in found if len(text) > 8}


def article_images(tree, gold, base):
    """Keys of the images in the smallest element that holds four fifths of the gold's paragraphs."""
    wanted = {bare(line) for line in gold.splitlines() if len(bare(line)) > 40}
    holders = [element for element in tree.iter("p", "li", "div") if bare("".join(element.itertext())) in wanted]
    counts = {}
    for holder in holders:
        for above in holder.iterancestors():
            counts[above] = counts.get(above, 0) + 1
    enough = [element for element, count in counts.items() if count >= 0.8 * len(holders)]
    if len(holders) < 3 or not enough:
        return set()
    core = max(enough, key=lambda element: sum(1 for _ in element.iterancestors()))
    return {picture_key(found) for image in core.iter("img") if (found := source(picture(image, base)))}


def source(tag):
    """The src of an img tag."""
    found = re.search(r'src="([^"]*)"', tag)
    return found[1] if found else ""


def check(page, model):
    """Counts of one page: (gold list items, of them kept so), headings, images; whether sanitising again changes it."""
    base = page.get("url") or ""
    article = clean(Document(kind="page", body=page["html"], url=base), None, Site(), model).article
    tree = parsed(page["html"])
    out = parsed(f"<div>{article.html}</div>")
    gold = {bare(line.lstrip("-*•0123456789. ")) for line in page["gold"].splitlines()} | {
        bare(line) for line in page["gold"].splitlines()
    }
    title = bare(article.title)
    counts, everything = {}, bare(article.text)
    for name, tags in (("items", ("li",)), ("headings", HEADINGS)):
        wanted = (lines_of(tree, tags) & gold) - {title}
        if name == "items":  # a table of contents repeats the headings
            wanted -= lines_of(tree, HEADINGS)
        kept = wanted & lines_of(out, tags) if out is not None else set()
        came = {text for text in wanted if text in everything}
        counts[name] = (len(wanted), len(kept))
        counts[f"{name}, of the text that came out"] = (len(came), len(came & kept))
    images = article_images(tree, page["gold"], base)
    shown = {picture_key(source(tag)) for tag in re.findall(r"<img[^>]*>", article.html)}
    counts["images"] = (len(images), len(images & shown))
    counts["idempotent"] = (1, int(sanitize(article.html, base=base) == article.html))
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--worst", type=int, default=0)
    args = parser.parse_args()
    totals, pages, model = {}, [], load_model()
    opener = gzip.open if args.bench.suffix == ".gz" else open
    with opener(args.bench, "rt", encoding="utf-8") as file:
        for line in file:
            page = json.loads(line)
            if not page.get("gold") or not page.get("html") or len(pages) >= args.limit:
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
