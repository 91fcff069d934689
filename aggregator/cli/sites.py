"""site"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import typer

from aggregator import urls
from aggregator.cli.frame import (
    DONE,
    SOME_FAILED,
    ConfigOption,
    JsonOption,
    configuration,
    emit,
    note,
    out,
    shown,
    store,
    table,
    when,
)
from aggregator.errors import ConfigError
from aggregator.model import Site, SiteBlock
from aggregator.storage import Storage

FOLDER: Final = "folder:"  # before the name of a folder that texts were imported from
FATES: Final[Mapping[str, str]] = {
    "keep": "kept by your word",
    "remove": "removed by your word",
    "goes": "goes, unless it is part of the story",
    "judged": "judged like any other",
}

Word = Literal["", "keep", "remove"]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(site)


def site(
    host: Annotated[str, typer.Argument(help="a host, an address on it, or folder:NAME; default: lists them")] = "",
    keep: Annotated[list[str] | None, typer.Option("--keep", metavar="TEXT|ID", help="never remove this block")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TEXT|ID", help="always remove it")] = None,
    forget: Annotated[
        list[str] | None, typer.Option("--forget", metavar="TEXT|ID", help="judge it like any other again")
    ] = None,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """What is known of a site: blocks that stand in several of its articles, and what becomes of them.

    What you say of a block holds from the next story on; `aggregator reclean` applies it to stored stories, and
    `aggregator import --again` to imported ones.

    Example: aggregator site www.example.org --remove "Our reporters work here." --keep 1f00a7c2d3e4b596
    """
    words: list[tuple[Word, str]] = [("keep", text) for text in keep or ()]
    words += [("remove", text) for text in remove or ()]
    words += [("", text) for text in forget or ()]
    if words and not host:
        raise ConfigError("--keep, --remove and --forget need the site that the block stands on, as first argument")
    settings = configuration(config)
    with store(settings) as storage:
        if not host:
            _list_sites(storage.known_sites(), json=json)
            return
        key = _key(host)
        _say(storage, key, words)
        found = storage.site(key)
    if json:
        emit({"site": key, "articles": found.articles, "blocks": [_row(block, found) for block in _ordered(found)]})
    else:
        _print(found)
    known = found.articles or found.blocks
    if not known:
        note(f"nothing is known of {key}; `aggregator site` lists the sites that something is known of")
    raise typer.Exit(DONE if known else SOME_FAILED)


def _list_sites(sites: Sequence[tuple[str, int]], *, json: bool) -> None:
    if json:
        emit([{"site": host, "articles": articles} for host, articles in sites])
    else:
        table(("site", "articles"), sites)


def _key(host: str) -> str:
    """The name under which a site is remembered."""
    if host.startswith(FOLDER):
        return host
    key = urls.site(host if "://" in host else f"https://{host}")
    if not key:
        raise ConfigError(f"{host!r} is no host; write www.example.org, or {FOLDER}NAME for a folder of imported texts")
    return key


def _say(storage: Storage, key: str, words: Sequence[tuple[Word, str]]) -> None:
    """Store what is said of blocks; none of it when one of them isn't clear."""
    before = storage.site(key)
    meant = [(word, _meant(before, text)) for word, text in words]
    for word, block in meant:
        storage.set_override(key, block.fingerprint, word, sample=block.sample)


@dataclass(frozen=True, slots=True)
class _Meant:
    fingerprint: int
    sample: str


def _meant(site: Site, text: str) -> _Meant:
    """The block with this number or this text. One that was never seen is taken by its text."""
    from aggregator.clean.sitechrome import fingerprint

    exact = fingerprint(text)
    named = [block for block in site.blocks.values() if _number(block.fingerprint) == text.lower()]
    samples = [block for block in site.blocks.values() if block.sample and fingerprint(block.sample) == exact]
    found = named or [block for block in samples if block.fingerprint == exact] or samples
    if len(found) > 1:
        numbers = ", ".join(_number(block.fingerprint) for block in found)
        raise ConfigError(f"{shown(text)!r} is how several blocks begin; say which by number: {numbers}")
    if not found and not any(letter.isalpha() for letter in text):
        raise ConfigError(f"{shown(text)!r}: no block of {site.host} has this number, and no text is without letters")
    return _Meant(found[0].fingerprint, found[0].sample) if found else _Meant(exact, shown(text))


def _number(fingerprint: int) -> str:
    return f"{fingerprint % 2**64:016x}"


def _ordered(site: Site) -> list[SiteBlock]:
    """What the user said something of, then what stands in most articles."""
    return sorted(site.blocks.values(), key=lambda block: (not block.override, -block.articles, block.sample))


def _row(block: SiteBlock, site: Site) -> dict[str, Any]:
    from aggregator.clean.sitechrome import becomes

    return {
        "id": _number(block.fingerprint),
        "text": block.sample,
        "articles": block.articles,
        "last_seen": _seen(block),
        "override": block.override,
        "becomes": becomes(block, site),
    }


def _seen(block: SiteBlock) -> datetime | None:
    return block.last_seen if block.last_seen > datetime.fromtimestamp(0, UTC) else None


def _print(site: Site) -> None:
    rows = [_row(block, site) for block in _ordered(site)]
    out(f"{shown(site.host)}: {site.articles} articles remembered, {len(rows)} blocks that stand in several of them")
    if rows:
        head = ("number", "in", "last seen", "what becomes of it", "text")
        table(
            head,
            [(row["id"], row["articles"], when(row["last_seen"]), FATES[row["becomes"]], row["text"]) for row in rows],
        )
