"""poll, add, check, feeds"""

import asyncio
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from aggregator import urls
from aggregator.cli import logs
from aggregator.cli.frame import (
    DONE,
    SOME_FAILED,
    ConfigOption,
    JsonOption,
    config_path,
    configuration,
    counted,
    emit,
    note,
    out,
    parsed,
    progress,
    shown,
    store,
    table,
    when,
)
from aggregator.config import Config
from aggregator.errors import ConfigError
from aggregator.model import Feed, FeedState, Refresh
from aggregator.publish import notation
from aggregator.websub import Standing, standings

_REFRESH: Final = tuple(field.name for field in fields(Refresh))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (poll, add, check, feeds):
        app.command()(command)


def poll(
    feed: Annotated[list[str] | None, typer.Argument(help="names or URLs of feeds; default: those due")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="due or not, but no host that asked to be left alone")
    ] = False,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """One round of what is due, then exit.

    Example: aggregator poll --all
    """
    from aggregator.app.commands import poll_round

    logs.configure_quiet()
    settings = configuration(config, warn=note)
    only = _named(settings, feed) if feed else None
    refreshes: list[Refresh] = []
    with store(settings) as storage, progress("polling", None, quiet=json) as bar:

        def told(refresh: Refresh) -> None:
            refreshes.append(refresh)
            bar.step()

        counts = asyncio.run(poll_round(settings, storage, only=only, everything=everything, told=told))
    failed = [refresh for refresh in refreshes if refresh.outcome == "error"]
    if json:
        emit({"counts": counts, "feeds": [_told(refresh) for refresh in refreshes]})
    else:
        _print_round(refreshes, counts, none="none may be asked now" if everything else "none was due")
    raise typer.Exit(SOME_FAILED if failed else DONE)


def _told(refresh: Refresh) -> dict[str, Any]:
    told = {name: getattr(refresh, name) for name in _REFRESH}
    return told | {"url": urls.without_login(refresh.url)}


def _named(config: Config, names: list[str]) -> set[str]:
    """The URLs of the feeds meant by name or URL. ConfigError for one that isn't there."""
    found: set[str] = set()
    for name in names:
        meant = [feed.url for feed in config.feeds if name in {feed.name, feed.url}] or [
            feed.url for feed in config.feeds if name.casefold() == feed.name.casefold()
        ]
        if not meant:
            raise ConfigError(f"{config.path}: no feed is called {name!r}; `aggregator feeds` lists them")
        found.update(meant)
    return found


def _print_round(refreshes: list[Refresh], counts: dict[str, int], *, none: str) -> None:
    for refresh in refreshes:
        if refresh.outcome == "error":
            out(f"{shown(refresh.feed)}: {refresh.error_class}: {shown(refresh.error)}")
    stories = ", ".join(
        f"{counts[key]} {key}" for key in ("stored", "updated", "duplicate", "rejected") if counts.get(key)
    )
    polls = ", ".join(
        f"{counts[f'feeds_{key}']} {key}" for key in ("updated", "unchanged", "error") if counts.get(f"feeds_{key}")
    )
    out(f"{counted(len(refreshes), 'feed', 'feeds')} polled ({polls or none}); stories: {stories or 'nothing new'}")


def add(
    url: Annotated[str, typer.Argument(help="a feed, or a page that names one")],
    match: Annotated[str, typer.Option("--match", help="keep only stories that match this query")] = "",
    name: Annotated[str, typer.Option("--name", help="what to call it; default: the feed's own title")] = "",
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Find the feed behind an address and append it to feeds.toml, comments kept.

    Example: aggregator add https://example.org --match '"prague spring"'
    """
    from aggregator.app.commands import discover
    from aggregator.config import append_feed

    settings = configuration(config)
    if match:
        parsed(match, regex=True)
    found = asyncio.run(discover(settings, url))
    wanted = urls.asked(found.url)
    if there := next((feed for feed in settings.feeds if urls.asked(feed.url) == wanted), None):
        raise ConfigError(f"{settings.path} names {shown(found.url)} already, as {there.name!r}; nothing was added")
    taken = {feed.name for feed in settings.feeds}
    label = name or (found.title if found.title and found.title not in taken else found.url)
    append_feed(config_path(config), url=found.url, name=label, match=match)
    if json:
        emit({"url": found.url, "name": label, "entries": found.entries})
    else:
        out(
            f"added {shown(label)} <{shown(found.url)}>, {counted(found.entries, 'entry', 'entries')} now; "
            "a running service takes it up by itself"
        )


def check(
    online: Annotated[bool, typer.Option("--online", help="also ask each feed once; nothing is stored")] = False,
    config: ConfigOption = "",
    json: JsonOption = False,
) -> None:
    """Are feeds.toml and the site rules right? With --online: what would each feed give now?

    Example: aggregator check --online
    """
    settings = configuration(config)
    from aggregator.app.commands import look_at_rules

    notes = list(settings.warnings)
    wrong, ignored = look_at_rules(settings.rules)
    notes += ignored
    with store(settings) as storage:
        notes += storage.check()
    rows: list[dict[str, Any]] = []
    if online:
        from aggregator.app.commands import try_feeds

        with progress("asking", len(settings.feeds), quiet=json) as bar:
            rows = asyncio.run(try_feeds(settings, told=bar.step))
    counts = {"feeds": len(settings.feeds), "outputs": len(settings.outputs)}
    if json:
        emit({**counts, "notes": notes, "rules": wrong, "online": rows})
    else:
        said = ", ".join(counted(number, name.removesuffix("s"), name) for name, number in counts.items())
        out(f"{settings.path}: right, {said}")
        for line in notes:
            out(f"note: {shown(line)}")
        for line in wrong:
            out(f"site rule: {shown(line)}")
        if rows:
            table(("feed", "entries", "would keep", "error"), [_online(row) for row in rows])
    raise typer.Exit(SOME_FAILED if wrong or any(row["error"] for row in rows) else DONE)


def _online(row: dict[str, Any]) -> tuple[object, ...]:
    return (row["name"], row["entries"], row["kept"], row["error"] or "-")


def feeds(config: ConfigOption = "", json: JsonOption = False) -> None:
    """Each feed: state, last success, error, next poll, articles, and whether its hub delivers.

    Example: aggregator feeds --json
    """
    settings = configuration(config)
    with store(settings) as storage:
        states = storage.feed_states()
        hubs = standings(states, storage.subscriptions(), datetime.now(UTC))
    rows = [
        feed_row(feed, states.get(feed.url, FeedState(url=feed.url)), hubs.get(feed.url)) for feed in settings.feeds
    ]
    if json:
        emit(rows)
        return
    table(
        ("feed", "state", "articles", "last success", "next poll", "unchanged", "received", "hub", "error"),
        [
            (
                row["name"],
                row["state"],
                row["articles"],
                when(row["last_success"]),
                when(row["next_poll"]),
                notation.share(row["unchanged"]),
                notation.amount(row["bytes"]),
                row["hub"]["state"] if row["hub"] else "-",
                row["error"] or "-",
            )
            for row in rows
        ],
    )


def feed_row(feed: Feed, state: FeedState, hub: Standing | None = None) -> dict[str, Any]:
    """One feed for `feeds --json`."""
    return {
        "name": feed.name,
        "url": urls.without_login(feed.url),
        "state": "paused" if feed.paused else state.status,
        "error_class": state.error_class,
        "error": state.error,
        "failures": state.failures,
        "last_success": state.last_success,
        "next_poll": None if feed.paused or state.status == "gone" else state.next_poll,
        "articles": state.articles,
        "polls": state.polls,
        "not_modified": state.not_modified,
        "unchanged": None if state.unchanged is None else round(state.unchanged, 3),
        "bytes": state.bytes_in,
        "hub": asdict(hub) if hub else None,
    }
