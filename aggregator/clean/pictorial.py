"""Stories that are one picture: a comic, a photograph. Finds the picture on a page that tells nothing besides."""

from html import escape
from typing import Final

from lxml.html import HtmlElement

from aggregator.clean import images
from aggregator.clean.sources import picture_key

_LOOKED_AT: Final = 300  # pictures of a page


def figure(address: str, alt: str) -> str:
    """HTML of a picture by itself."""
    return f'<figure><img src="{escape(address)}" alt="{escape(alt)}"></figure>'


def alone(tree: HtmlElement, base: str, stated: str) -> str:
    """HTML of the picture that a page without text shows: the one it states as its own, else its only large one.

    "" where it shows neither: what is stated and not shown may be the same for all the site.
    """
    key = picture_key(stated) if stated else ""
    large: dict[str, str] = {}
    for image in list(tree.iter("img", "amp-img"))[:_LOOKED_AT]:
        found = images.picture(image, base)
        if not found or images.stands_apart(image, base, ()) or not images.belongs(image, base, (), tuple):
            continue
        its_key = picture_key(images.address(image, base))
        if key and its_key == key:
            return f"<figure>{found}</figure>"
        if images.large(image):
            large[its_key] = found
    return f"<figure>{next(iter(large.values()))}</figure>" if len(large) == 1 else ""
