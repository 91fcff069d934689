"""feeds.toml and the environment -> Config. Reads two things: the file and the mapping that is given as environment."""

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from aggregator import urls
from aggregator.config.positions import KeyPath
from aggregator.config.problems import Origin, line_of, parse, problem, refused
from aggregator.config.tables import FeedTable, FetchTable, File, Table
from aggregator.config.values import Config, Output
from aggregator.errors import ConfigError
from aggregator.model import Feed, Limits
from aggregator.query import QueryError
from aggregator.query import parse as parse_query

_VARIABLES: Final = {
    "AGGREGATOR_LISTEN": "listen",
    "AGGREGATOR_BASE_URL": "base_url",
    "AGGREGATOR_STORE": "store",
    "AGGREGATOR_TOKEN": "token",
}
_LISTEN: Final = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})")
_SQLITE: Final = re.compile(r"sqlite:///(?P<path>[^?#\x00]+)")
_POSTGRES: Final = re.compile(r"postgres(?:ql)?://(?P<rest>\S*)")
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on
_SECRETS: Final = ("password", "cookie", "headers", "proxy")
_SHORT_TOKEN: Final = 16  # characters; one below can be guessed over a network in the long run


def find(argument: str, environ: Mapping[str, str]) -> Path:
    """The path of feeds.toml: what the command line says, else AGGREGATOR_CONFIG, else ./feeds.toml."""
    return Path(argument or environ.get("AGGREGATOR_CONFIG", "") or "feeds.toml")


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The whole configuration, checked. ConfigError names file, line, key, what is wrong and what to do."""
    return build(path, read(path), environ)


def read(path: Path) -> str:
    """The file's text; a byte order mark is dropped."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; name it with --config or in AGGREGATOR_CONFIG") from None
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{number}: not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from None


def build(path: Path, text: str, environ: Mapping[str, str]) -> Config:
    """`load` for a text that has been read, or is yet to be written."""
    given = {variable: key for variable, key in _VARIABLES.items() if environ.get(variable)}
    origin = Origin(path, text, {key: variable for variable, key in given.items()})
    said = parse(origin)
    try:
        file = File.model_validate(said | {key: environ[variable] for variable, key in given.items()})
    except ValidationError as error:
        raise refused(origin, error) from None
    _check_queries(origin, file)
    config = replace(
        _plain(path.absolute(), file),
        **_listening(origin, file),
        store=_store(origin, file.store or "sqlite:///store/aggregator.db"),
        contact=_contact(origin, file.contact or ""),
        limits=_limits(origin, file.fetch),
        rules=_rules(origin, file.rules),
        feeds=_feeds(origin, file),
        outputs=_outputs(origin, file),
    )
    return replace(config, warnings=tuple(_warnings(config, secrets=bool(said.get("token")) or _holds_secrets(config))))


def _plain(path: Path, file: File) -> Config:
    """The keys that go into Config as they are."""
    same = {"title", "limit", "first_entries", "import_entries", "max_pages", "token", "keep_articles", "keep_pages"}
    said = {key: value for key, value in _said(file).items() if key in same}
    said |= {key: None for key in ("keep_articles", "keep_pages") if said.get(key) == "forever"}
    return Config(path=path, drop=tuple(file.drop), interval=file.fetch.interval or timedelta(hours=1), **said)


def _said(table: Table) -> dict[str, Any]:
    said = {key: getattr(table, key) for key in table.model_fields_set}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}


def _listening(origin: Origin, file: File) -> dict[str, Any]:
    match = _LISTEN.fullmatch(file.listen or "127.0.0.1:8080")
    if match is None or int(match["port"]) > 65535:
        raise problem(origin, ("listen",), 'must be an address and a port, as in "127.0.0.1:8080" or "[::1]:8080"')
    host, port = match["v6"] or match["name"], int(match["port"])
    shown = "127.0.0.1" if host in _EVERYWHERE else (match["v6"] and f"[{host}]") or host
    return {"listen_host": host, "listen_port": port, "base_url": file.base_url or f"http://{shown}:{port}"}


def _store(origin: Origin, url: str) -> str:
    """A path in the URL is taken from the folder of feeds.toml, whatever folder the program was started in."""
    if match := _SQLITE.fullmatch(url):
        return f"sqlite:///{origin.path.absolute().parent / match['path']}"
    if match := _POSTGRES.fullmatch(url):
        return f"postgresql://{match['rest']}"
    raise problem(
        origin, ("store",), 'must be "sqlite:///path/to/file.db" or "postgresql://user@host/database", nothing after it'
    )


def _contact(origin: Origin, contact: str) -> str:
    if contact and "@" not in contact and "://" not in contact:
        raise problem(origin, ("contact",), "must be a web or mail address at which site owners reach you")
    return contact


def _limits(origin: Origin, fetch: FetchTable) -> Limits:
    names = {field.name for field in fields(Limits)}
    said = {key: value for key, value in _said(fetch).items() if key in names}
    said |= {key: value.total_seconds() for key, value in said.items() if isinstance(value, timedelta)}
    if fetch.ca_file:
        said["ca_file"] = str(_existing(origin, ("fetch", "ca_file"), fetch.ca_file, "file"))
    return Limits(**said)


def _rules(origin: Origin, folder: str | None) -> Path | None:
    return _existing(origin, ("rules",), folder, "folder") if folder else None


def _existing(origin: Origin, key: KeyPath, name: str, kind: str) -> Path:
    found = origin.path.absolute().parent / name
    if not (found.is_file() if kind == "file" else found.is_dir()):
        raise problem(origin, key, f"there is no {kind} {found}; correct the path, which starts at this file's folder")
    return found


def _feeds(origin: Origin, file: File) -> tuple[Feed, ...]:
    defaults = {"interval": file.fetch.interval or timedelta(hours=1)} | _said(file.defaults)
    feeds = tuple(_feed(table, defaults) for table in file.feeds)
    lonely = next((number for number, table in enumerate(file.feeds) if table.password and not table.username), None)
    if lonely is not None:
        raise problem(origin, ("feeds", lonely, "password"), "is sent only with a username; add one, or remove it")
    _check_unique(origin, "feeds", "url", (urls.asked(feed.url) for feed in feeds))
    _check_unique(origin, "feeds", "name", (feed.name for feed in feeds))
    return feeds


def _feed(table: FeedTable, defaults: Mapping[str, Any]) -> Feed:
    return Feed(**{"name": urls.without_login(table.url), **defaults, **_said(table)})


def _outputs(origin: Origin, file: File) -> tuple[Output, ...]:
    _check_unique(origin, "outputs", "name", (table.name for table in file.outputs))
    return tuple(Output(name=table.name, title=table.title or table.name, query=table.query) for table in file.outputs)


def _check_unique(origin: Origin, table: str, key: str, values: Iterable[str]) -> None:
    first: dict[str, int] = {}
    for number, value in enumerate(values):
        earlier = first.setdefault(value, number)
        if earlier != number:
            before = line_of(origin, (table, earlier))
            sentence = f"is the same as that of the [[{table}]] in line {before}; every {key} may stand once"
            raise problem(origin, (table, number, key), sentence)


def _check_queries(origin: Origin, file: File) -> None:
    right: set[str] = set()
    for path, source in _queries(file):
        if source in right:
            continue
        try:
            parse_query(source, regex=True)
        except QueryError as error:
            raise problem(origin, path, f"is no query: {error.message}", inside=error.position) from None
        right.add(source)


def _queries(file: File) -> Iterator[tuple[KeyPath, str]]:
    for number, source in enumerate(file.drop):
        yield ("drop", number), source
    yield ("defaults", "match"), file.defaults.match or ""
    for number, feed in enumerate(file.feeds):
        yield ("feeds", number, "match"), feed.match or ""
    for number, output in enumerate(file.outputs):
        yield ("outputs", number, "query"), output.query


def _warnings(config: Config, *, secrets: bool) -> Iterator[str]:
    if config.limits.allow_networks:
        listed = ", ".join(config.limits.allow_networks)
        yield f"[fetch] allow_networks lets feeds and pages reach {listed}; these addresses are not public"
    if 0 < len(config.token) < _SHORT_TOKEN:
        yield f"the token is shorter than {_SHORT_TOKEN} characters and could be guessed"
    if secrets and config.path.stat().st_mode & stat.S_IROTH:
        yield f"{config.path} holds a password, cookie or token and every user of this machine can read it: chmod o-r"


def _holds_secrets(config: Config) -> bool:
    return any(getattr(feed, key) for feed in config.feeds for key in _SECRETS)
