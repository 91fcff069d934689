"""Rules for one site in the FiveFilters format: where title, body, author and date stand, and what to strip.

Parsing and applying never raise: what isn't understood is reported in `Rules.problems`. Reading the folder of rules is
the configuration's, fetching further pages the pipeline's job.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from aggregator import urls
from aggregator.clean import quality
from aggregator.clean.blocks import fold
from aggregator.sanitize import clean_text, legal

MAX_RULES: Final = 400  # lines of one file that are read
MAX_FOUND: Final = 500  # elements one expression may give
_MAX_EXPRESSION: Final = 1000  # characters
_LINE: Final = re.compile(r"^([a-z_]+)(?:\((.*?)\))?\s*:\s*(.*)$", re.IGNORECASE)
_LISTS: Final = frozenset(
    {
        "title",
        "author",
        "date",
        "body",
        "strip",
        "strip_id_or_class",
        "strip_image_src",
        "single_page_link",
        "next_page_link",
    }
)
# Flags, with the values that have no effect here: a rule that finds nothing any more costs nobody the story.
_FLAGS: Final = {"prune": (), "tidy": (), "autodetect_on_failure": ("no", "false", "0")}
_IGNORED: Final = (  # known to the format, without meaning here
    "parser", "http_header", "requires_login", "native_ad_clue", "wrap_in", "convert_double_br_tags", "strip_comments",
    "skip_json_ld", "login_uri", "login_username_field", "login_password_field", "login_extra_fields", "move_into",
    "not_logged_in_xpath", "src_lazy_load_attr", "insert_detected_image",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An address the rule's author tried, and what its article must contain."""

    url: str
    contains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One site's rules. Expressions are XPath 1.0, tried in order; `conditions` limit links to pages that hold them."""

    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    strip_id_or_class: tuple[str, ...] = ()
    strip_image_src: tuple[str, ...] = ()
    single_page_link: tuple[str, ...] = ()
    next_page_link: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()  # link expression -> expression that must find something
    replacements: tuple[tuple[str, str], ...] = ()  # in the page's source
    tests: tuple[Trial, ...] = ()
    problems: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()  # what other programs act on, and this one doesn't


def parse_rules(text: str) -> Rules:
    """Rules out of a site configuration file's text."""
    reader = _Reader()
    for number, line in enumerate(legal(text).splitlines()[:MAX_RULES], 1):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            reader.read(number, bare)
    return reader.rules()


def replaced(source: str, rules: Rules) -> str:
    """The page's source after the rules' string replacements."""
    for find, put in rules.replacements:
        source = source.replace(find, put)
    return source


def text_at(tree: HtmlElement, expressions: tuple[str, ...]) -> str:
    """One line of text from the first expression that finds any; for title, author and date."""
    for expression in expressions:
        for found in _found(tree, expression):
            text = found if isinstance(found, str) else "".join(found.itertext())
            line = clean_text(text, 500)
            if line:
                return line
    return ""


def strip(tree: HtmlElement, rules: Rules) -> None:
    """Take out of the tree itself what the rules strip."""
    for element in _unwanted(tree, rules):
        if element.getparent() is not None:
            element.drop_tree()


def body_html(tree: HtmlElement, rules: Rules) -> str:
    """The markup of the body the rules point at, with what they strip taken out; "" when they find none."""
    copy = deepcopy(tree)
    strip(copy, rules)
    for expression in rules.body:
        found = [each for each in _found(copy, expression) if not isinstance(each, str)]
        if found and any("".join(each.itertext()).strip() for each in found):
            return "".join(
                etree.tostring(each, encoding="unicode", method="html", with_tail=False) for each in _outer(found)
            )
    return ""


def link(tree: HtmlElement, rules: Rules, url: str, *, whole: bool) -> str:
    """The absolute address of the story on one page (`whole`), or of its next page; "" when there is none, or"
    " it's this."""
    for expression in rules.single_page_link if whole else rules.next_page_link:
        if not all(_found(tree, wanted) for guarded, wanted in rules.conditions if guarded == expression):
            continue
        for found in _found(tree, expression):
            target = urls.resolve(url, found if isinstance(found, str) else found.get("href") or "")
            if target and urls.site(target) == urls.site(url) and urls.canonical(target) != urls.canonical(url):
                return target
    return ""


def does_better(rules: Rules, rule_text: str, other_text: str, url: str) -> bool:
    """Is automatic extraction worse than the rule, by the rule's own test for this address, else by what it misses?"""
    for test in rules.tests:
        if test.contains and urls.canonical(test.url) == urls.canonical(url):
            return _missed(test, other_text) > _missed(test, rule_text)
    ours, theirs = quality.length(rule_text), quality.length(other_text)
    if ours < 40:
        return False
    return quality.share_of(other_text, rule_text) < 0.75 or theirs > 2.5 * ours


def _missed(test: Trial, text: str) -> int:
    """How many of the test's snippets the text hasn't; white space is no matter."""
    folded = fold(text)
    return sum(fold(snippet) not in folded for snippet in test.contains)


class _Reader:
    """Collects a file's lines."""

    def __init__(self) -> None:
        self._lists: dict[str, list[str]] = {name: [] for name in _LISTS}
        self._finds: list[str] = []
        self._replacements: list[tuple[str, str]] = []
        self._conditions: list[tuple[str, str]] = []
        self._tests: list[Trial] = []
        self._problems: list[str] = []
        self._ignored: list[str] = []
        self._last_link = ""

    def read(self, number: int, line: str) -> None:
        found = _LINE.match(line)
        if not found:
            self._problems.append(f"line {number}: not `name: value`")
            return
        name, argument, value = found[1].lower(), found[2], found[3].strip()
        if name in _LISTS:
            self._expression(number, name, value)
        else:
            self._other(number, name, argument, value)

    def _expression(self, number: int, name: str, value: str) -> None:
        if not value:
            self._problems.append(f"line {number}: {name}: nothing given")
            return
        problem = "" if name in {"strip_id_or_class", "strip_image_src"} else _wrong(value)
        if problem:
            self._problems.append(f"line {number}: {name}: {problem}")
            return
        self._lists[name].append(value)
        if name in {"single_page_link", "next_page_link"}:
            self._last_link = value

    def _other(self, number: int, name: str, argument: str | None, value: str) -> None:
        if name == "test_url":
            self._tests.append(Trial(url=value))
        elif name == "test_contains":
            self._contains(number, value)
        elif name == "find_string":
            self._finds.append(value)
        elif name == "replace_string":
            find = argument if argument is not None else self._finds.pop(0) if self._finds else ""
            if find:
                self._replacements.append((find, value))
        elif name == "if_page_contains":
            self._condition(number, value)
        else:
            self._unused(number, name, value)

    def _unused(self, number: int, name: str, value: str) -> None:
        if name in _IGNORED or value.lower() in _FLAGS.get(name, ()):
            self._ignored.append(f"line {number}: {name} has no effect here")
        elif name not in _FLAGS:
            self._problems.append(f"line {number}: {name} is not known")

    def _contains(self, number: int, value: str) -> None:
        if self._tests:
            self._tests[-1] = replace(self._tests[-1], contains=(*self._tests[-1].contains, value))
        else:
            self._problems.append(f"line {number}: test_contains: there is no test_url above it")

    def _condition(self, number: int, value: str) -> None:
        problem = _wrong(value) if self._last_link else "there is no link above it that it could be a condition of"
        if problem:
            self._problems.append(f"line {number}: if_page_contains: {problem}")
        else:
            self._conditions.append((self._last_link, value))

    def rules(self) -> Rules:
        listed = {name: tuple(values) for name, values in self._lists.items()}
        return Rules(
            title=listed["title"],
            author=listed["author"],
            date=listed["date"],
            body=listed["body"],
            strip=listed["strip"],
            strip_id_or_class=listed["strip_id_or_class"],
            strip_image_src=listed["strip_image_src"],
            single_page_link=listed["single_page_link"],
            next_page_link=listed["next_page_link"],
            conditions=tuple(self._conditions),
            replacements=tuple(self._replacements),
            tests=tuple(self._tests),
            problems=tuple(self._problems),
            ignored=tuple(self._ignored),
        )


def _wrong(expression: str) -> str:
    """What is wrong with an XPath expression, or ""."""
    if len(expression) > _MAX_EXPRESSION:
        return "too long"
    try:
        etree.XPath(expression)
    except etree.XPathSyntaxError as error:
        return str(error)
    return ""


def _found(tree: HtmlElement, expression: str) -> list[HtmlElement | str]:
    """Elements and strings an expression gives; nothing when it can't be evaluated here."""
    try:
        result = tree.xpath(expression)
    except etree.XPathError:  # an unknown function or variable shows only now
        return []
    if isinstance(result, str):
        return [result] if result.strip() else []
    if not isinstance(result, list):
        return []
    return [each for each in result[:MAX_FOUND] if isinstance(each, str | HtmlElement)]


def _unwanted(tree: HtmlElement, rules: Rules) -> list[HtmlElement]:
    found = [each for expression in rules.strip for each in _found(tree, expression)]
    for name in rules.strip_id_or_class:
        found += tree.xpath("//*[contains(@class, $name) or contains(@id, $name)]", name=name.strip("\"'"))[:MAX_FOUND]
    for name in rules.strip_image_src:
        found += tree.xpath("//img[contains(@src, $name)]", name=name.strip("\"'"))[:MAX_FOUND]
    return [each for each in found if isinstance(each, HtmlElement) and each.tag not in {"html", "body"}]


def _outer(found: list[HtmlElement]) -> list[HtmlElement]:
    """Those that lie in none of the others."""
    inside = set(found)
    return [each for each in found if not any(above in inside for above in each.iterancestors())]
