"""Formulas in MathML as plain text: what stands in the midst of a sentence must not vanish from it.

Neither the blocks nor the sanitiser know MathML. A formula becomes the words that it gives itself (`alttext`), else its
TeX, else its letters and signs. The copy of one that is written out beside it is taken off.
"""

import re
from collections.abc import Sequence
from typing import Final

from lxml.html import HtmlElement

MARK: Final = "data-formula"  # an attribute of the elements that hold the text
_MAX: Final = 2_000  # characters of one formula
_STYLE: Final = re.compile(r"^\{?\\(?:displaystyle|textstyle)\s*(.*?)\}?$", re.DOTALL)
_TEX: Final = "annotation[@encoding='application/x-tex']"
_NOT_SHOWN: Final = frozenset({"annotation", "annotation-xml"})
_WRAPPERS: Final = 3  # elements around a formula, below what stands beside them


def spell_out(elements: Sequence[HtmlElement]) -> None:
    """Puts text in the place of each `math` element among `elements`, or nothing where the text stands beside it."""
    within: set[HtmlElement] = set()
    for formula in elements:
        parent = formula.getparent() if formula.tag == "math" and formula not in within else None
        within.update(formula.iter("math") if parent is not None else ())
        if parent is not None and _written(formula):
            formula.drop_tree()
        elif parent is not None:
            plain = formula.makeelement("span", {MARK: ""})
            plain.text, plain.tail = _words(formula), formula.tail
            parent.replace(formula, plain)


def _words(formula: HtmlElement) -> str:
    told = formula.get("alttext") or "".join(each.text or "" for each in formula.findall(f".//{_TEX}")[:1])
    text = told.strip() or "".join(_shown(formula))
    found = _STYLE.match(text)
    return " ".join((found[1] if found else text).split())[:_MAX]


def _shown(formula: HtmlElement) -> list[str]:
    hidden = {each for note in formula.iter(*_NOT_SHOWN) for each in note.iter()}
    return [(each.text or "").strip() for each in formula.iter() if each not in hidden]


def _written(formula: HtmlElement) -> bool:
    """Is it the copy for screen readers: do words hidden from them stand beside it?"""
    element = formula
    for _ in range(_WRAPPERS):
        beside = [each for each in (element.getprevious(), element.getnext()) if each is not None]
        if any(each.get("aria-hidden") == "true" and "".join(each.itertext()).strip() for each in beside):
            return True
        parent = element.getparent()
        if parent is None or parent.tag not in {"span", "mjx-assistive-mml"}:
            return False
        element = parent
    return False
