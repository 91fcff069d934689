"""feeds.toml: what it says is what comes out, what is wrong is refused by line and key, what people wrote stays."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config, Output, find, load
from aggregator.config.positions import locate
from aggregator.config.tables import DefaultsTable, FeedTable, FetchTable, File, OutputTable
from aggregator.errors import ConfigError
from aggregator.model import Feed, Limits

SHIPPED = Path(__file__).parent.parent / "feeds.toml"

EVERYTHING = """
title = "My news"
base_url = "https://news.example.org/feeds/"
listen = "[::1]:9000"
store = "sqlite:///data/x.db"
contact = "me@example.org"
limit = 50
first_entries = 3
import_entries = 0
keep_articles = "5y"
keep_pages = "forever"
max_pages = "512MiB"
drop = ['title:sponsored', 'url:/deals/']
token = "0123456789abcdef"

[fetch]
interval = "2h"
total_timeout = "5s"
max_bytes = "1MiB"
concurrency = 4
per_host = 1
per_host_delay = "0s"
max_redirects = 2
max_entries = 10
parse_timeout = "1m30s"
worker_memory = "256MiB"
robots = false
allow_networks = ["192.168.1.0/24", "fd00::/8"]

[defaults]
match = 'prague'
tags = ["all"]

[[feeds]]
url = "https://example.org/rss.xml"

[[feeds]]
url = "https://user:secret@example.org/atom"
name = "Example"
tags = ["history", "two words"]
match = ''
full_text = true
interval = "30m"
priority = 10
paused = true
ignore_validators = true
headers = { X-Key = "v" }
username = "me"
password = "pass"
cookie = "a=b"
user_agent = "reader/1"
proxy = "http://127.0.0.1:3128"

[[outputs]]
name = "prague"
title = "The Prague Spring"
query = 'tag:history "prague spring"'

[[outputs]]
name = "all"
"""


def write(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "feeds.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def refusal(path: Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    assert "\n" not in caught.value.message
    return caught.value.message.replace(str(path), "feeds.toml")


# -- what it says


def test_every_key_comes_out(tmp_path: Path) -> None:
    config = load(write(tmp_path, EVERYTHING), {})
    assert config == Config(
        path=tmp_path / "feeds.toml",
        title="My news",
        base_url="https://news.example.org/feeds",
        listen_host="::1",
        listen_port=9000,
        store=f"sqlite:///{tmp_path}/data/x.db",
        contact="me@example.org",
        limit=50,
        first_entries=3,
        import_entries=0,
        keep_articles=timedelta(days=5 * 365),
        keep_pages=None,
        max_pages=512 * 2**20,
        drop=("title:sponsored", "url:/deals/"),
        token="0123456789abcdef",
        limits=Limits(
            total_timeout=5.0,
            max_bytes=2**20,
            concurrency=4,
            per_host=1,
            per_host_delay=0.0,
            max_redirects=2,
            max_entries=10,
            parse_timeout=90.0,
            worker_memory=256 * 2**20,
            robots=False,
            allow_networks=("192.168.1.0/24", "fd00::/8"),
        ),
        interval=timedelta(hours=2),
        feeds=(
            Feed(
                url="https://example.org/rss.xml",
                name="https://example.org/rss.xml",
                tags=("all",),
                match="prague",
                interval=timedelta(hours=2),
            ),
            Feed(
                url="https://user:secret@example.org/atom",
                name="Example",
                tags=("history", "two words"),
                match="",
                full_text="always",
                interval=timedelta(minutes=30),
                priority=10,
                paused=True,
                ignore_validators=True,
                headers=(("X-Key", "v"),),
                username="me",
                password="pass",
                cookie="a=b",
                user_agent="reader/1",
                proxy="http://127.0.0.1:3128",
            ),
        ),
        outputs=(
            Output(name="prague", title="The Prague Spring", query='tag:history "prague spring"'),
            Output(name="all", title="all"),
        ),
        warnings=config.warnings,
    )
    assert len(config.warnings) == 1
    assert "192.168.1.0/24" in config.warnings[0]


def test_an_empty_file_has_safe_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert load(path, {}) == Config(path=path, store=f"sqlite:///{tmp_path}/store/aggregator.db")
    assert load(path, {}).limits == Limits()


def test_the_shipped_file_shows_the_defaults_and_collects_everything(tmp_path: Path) -> None:
    shipped, plain = load(SHIPPED, {}), load(write(tmp_path, ""), {})
    assert len(shipped.feeds) >= 5
    assert all(feed.match == "" and not feed.paused for feed in shipped.feeds)
    assert shipped.warnings == ()
    for key in ("base_url", "listen_port", "limit", "keep_articles", "keep_pages", "max_pages", "limits", "interval"):
        assert getattr(shipped, key) == getattr(plain, key), key
    assert (shipped.first_entries, shipped.import_entries) == (plain.first_entries, plain.import_entries)


@pytest.mark.parametrize("table", [File, FetchTable, DefaultsTable, FeedTable, OutputTable])
def test_the_shipped_file_explains_every_key(table: type[File]) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    for key in set(table.model_fields) - {"fetch", "defaults", "feeds", "outputs"}:
        places = [number for number, line in enumerate(lines) if re.match(rf"(# ?)?{key} = ", line)]
        explained = [number for number in places if lines[number - 1].startswith("#") or "  # " in lines[number]]
        assert explained, f"{key} is not explained"


def test_lists_and_switches_of_a_feed_replace_the_defaults(tmp_path: Path) -> None:
    text = '[defaults]\nfull_text = false\npriority = 2\n[[feeds]]\nurl = "http://a/"\ntags = []\n'
    (feed,) = load(write(tmp_path, text), {}).feeds
    assert (feed.full_text, feed.priority, feed.tags) == ("never", 2, ())


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbftitle = 'x'"), {}).title == "x"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:8900/_GET",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
        "http://[::1%25lo]:8900/",
        "http://2130706433:8900/",
        "http://127。0。0。1/",
        "HTTPS://EXAMPLE.ORG",
    ],
)
def test_an_odd_address_is_the_feeds_problem_not_the_files(tmp_path: Path, url: str) -> None:
    assert load(write(tmp_path, f'[[feeds]]\nurl = "{url}"'), {}).feeds[0].url == url


# -- the environment


def test_the_environment_wins(tmp_path: Path) -> None:
    environ = {
        "AGGREGATOR_LISTEN": "0.0.0.0:80",
        "AGGREGATOR_BASE_URL": "https://a.example",
        "AGGREGATOR_STORE": "postgres://u@h/d",
        "AGGREGATOR_TOKEN": "t" * 20,
        "AGGREGATOR_OTHER": "x",
    }
    config = load(write(tmp_path, EVERYTHING), environ)
    assert (config.listen_host, config.listen_port) == ("0.0.0.0", 80)
    assert (config.base_url, config.store, config.token) == ("https://a.example", "postgresql://u@h/d", "t" * 20)
    assert load(tmp_path / "feeds.toml", {"AGGREGATOR_LISTEN": ""}).listen_port == 9000


def test_an_unstated_base_url_follows_the_listening_address(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert load(path, {"AGGREGATOR_LISTEN": "0.0.0.0:81"}).base_url == "http://127.0.0.1:81"
    assert load(path, {"AGGREGATOR_LISTEN": "[::1]:82"}).base_url == "http://[::1]:82"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AGGREGATOR_LISTEN", "everywhere"),
        ("AGGREGATOR_LISTEN", "127.0.0.1:99999"),
        ("AGGREGATOR_BASE_URL", "example.org"),
        ("AGGREGATOR_STORE", "mysql://x"),
        ("AGGREGATOR_TOKEN", "tökén"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    message = refusal(write(tmp_path, EVERYTHING), **{name: value})
    assert message.startswith(f"the environment variable {name} ")
    assert value not in message or name != "AGGREGATOR_TOKEN"


def test_the_path_comes_from_the_argument_the_environment_or_here() -> None:
    assert find("a.toml", {"AGGREGATOR_CONFIG": "b.toml"}) == Path("a.toml")
    assert find("", {"AGGREGATOR_CONFIG": "b.toml"}) == Path("b.toml")
    assert find("", {}) == Path("feeds.toml")


# -- what is refused

FEED = '[[feeds]]\nurl = "http://a/"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel = 'x'", 'feeds.toml:1: key titel: is unknown; did you mean "title"?'),
        ('\n\n[fetch]\ntimeout = "3s"', "feeds.toml:4: key fetch.timeout: is unknown; did you mean"),
        ('interval = "1h"', "feeds.toml:1: key interval: is unknown here; it belongs in [fetch]"),
        (f"{FEED}limit = 3", "feeds.toml:3: key feeds.limit: is unknown here; it belongs at the top of the file"),
        ("limit = '5'", "feeds.toml:1: key limit: must be a whole number"),
        ("limit = 0", "feeds.toml:1: key limit: must be 1 or more"),
        ("limit = 5000", "feeds.toml:1: key limit: must be 1000 or less"),
        ("[fetch]\nrobots = 'no'", "feeds.toml:2: key fetch.robots: must be true or false"),
        ("title = ''", "feeds.toml:1: key title: must be one line"),
        ("title = 5", "feeds.toml:1: key title: must be text in quotes"),
        ('title = "a\\nb"', "feeds.toml:1: key title: must be one line"),
        ("drop = 'x'", "feeds.toml:1: key drop: must be a list"),
        ("drop = ['x',\n' ']", "feeds.toml:2: key drop: may not be an empty query"),
        ("\n[[output]]\nname = 'a'", 'feeds.toml:2: key output: is unknown; did you mean "outputs"?'),
        (f"{FEED}password = 'x'", "feeds.toml:3: key feeds.password: is sent only with a username"),
        ("contact = 'nobody'", "feeds.toml:1: key contact: must be a web or mail address"),
        ("listen = '8080'", "feeds.toml:1: key listen: must be an address and a port"),
        ("store = 'aggregator.db'", "feeds.toml:1: key store: must be"),
        ("store = 'sqlite://'", "feeds.toml:1: key store: must be"),
        ("base_url = 'https://a/?b'", "feeds.toml:1: key base_url: must be an http or https address"),
        ("rules = 'nowhere'", "feeds.toml:1: key rules: there is no folder"),
        ("[fetch]\nca_file = 'x.pem'", "feeds.toml:2: key fetch.ca_file: there is no file"),
        ("[fetch]\ninterval = 3600", "feeds.toml:2: key fetch.interval: 3600 is no duration"),
        ("[fetch]\ninterval = '0s'", "feeds.toml:2: key fetch.interval: must be between 1s and 366d"),
        ("[fetch]\nmax_bytes = '10'", "feeds.toml:2: key fetch.max_bytes: '10' is no size"),
        ("keep_articles = '0s'", "feeds.toml:1: key keep_articles: must be longer than nothing"),
        ("keep_pages = 'never'", "feeds.toml:1: key keep_pages: 'never' is no duration"),
        (
            "[fetch]\nallow_networks = ['10.0.0.0/8', '0.0.0.0/0']",
            "feeds.toml:2: key fetch.allow_networks: 0.0.0.0/0 would",
        ),
        ("[fetch]\nallow_networks = [\n'::/0']", "feeds.toml:3: key fetch.allow_networks: ::/0 would"),
        ("[fetch]\nallow_networks = ['128.0.0.0/1']", "feeds.toml:2: key fetch.allow_networks: 128.0.0.0/1 would"),
        ("[fetch]\nallow_networks = ['::/1']", "feeds.toml:2: key fetch.allow_networks: ::/1 would"),
        ("[fetch]\nallow_networks = ['::ffff:0:0/96']", "feeds.toml:2: key fetch.allow_networks: ::ffff:0:0/96 would"),
        (
            "[fetch]\nallow_networks = ['192.168.1.5/24']",
            "feeds.toml:2: key fetch.allow_networks: 192.168.1.5/24",
        ),
        ("feeds = 3", "feeds.toml:1: key feeds: must be written with double brackets"),
        ("[feeds]\nurl = 'http://a/'", "feeds.toml:1: key feeds: must be written with double brackets"),
        ("[[feeds]]\nname = 'x'", "feeds.toml:1: key feeds.url: is missing"),
        ("[[feeds]]\nurl = 'example.org/rss'", "feeds.toml:2: key feeds.url: needs a scheme and a host"),
        ("[[feeds]]\nurl = 'http:///path'", "feeds.toml:2: key feeds.url: needs a scheme and a host"),
        ("[[feeds]]\nurl = 'https://'", "feeds.toml:2: key feeds.url: needs a scheme and a host"),
        ("[[feeds]]\nurl = 'http://a/ b'", "feeds.toml:2: key feeds.url: needs a scheme and a host"),
        ("[[feeds]]\nurl = 'mailto:me@example.org'", "feeds.toml:2: key feeds.url: needs a scheme and a host"),
        (f"{FEED}\n{FEED}", "feeds.toml:5: key feeds.url: is the same as that of the [[feeds]] in line 1"),
        (f"{FEED}[[feeds]]\nurl='HTTP://A:80#x'\nname='b'", "feeds.toml:4: key feeds.url: is the same as that of"),
        (
            f"{FEED}name = 'n'\n[[feeds]]\nurl = 'http://b/'\nname = 'n'",
            "feeds.toml:6: key feeds.name: is the same as that of the [[feeds]] in line 1",
        ),
        (f"{FEED}[[feeds]]\nurl='http://b/'\nname='http://a/'", "feeds.toml:5: key feeds.name: is the same"),
        (f"{FEED}full_text = 'sometimes'", 'feeds.toml:3: key feeds.full_text: must be "auto", true or false'),
        (f"{FEED}headers = {{Host = 'x'}}", "feeds.toml:3: key feeds.headers: the header Host is set by the poller"),
        (f"{FEED}[feeds.headers]\n'a b' = 'x'", "feeds.toml:3: key feeds.headers: 'a b' is no name"),
        (f'{FEED}cookie = "a\\r\\nb: c"', "feeds.toml:3: key feeds.cookie: may hold printable ASCII"),
        (f"{FEED}proxy = 'socks5://x'", "feeds.toml:3: key feeds.proxy: must be the address of an HTTP proxy"),
        ("[[outputs]]\nname = 'a/b'", "feeds.toml:2: key outputs.name: may hold the letters"),
        ("[[outputs]]\nname = '..'", "feeds.toml:2: key outputs.name: may hold the letters"),
        ("[[outputs]]\nname = 'a'\n[[outputs]]\nname = 'a'", "feeds.toml:4: key outputs.name: is the same"),
        ("a = [1,\n", "feeds.toml:2"),
        ("a = 1\na = 2", "feeds.toml:2"),
        ("title = \n", "feeds.toml:1"),
        ("x = " + "[" * 5000 + "]" * 5000, "feeds.toml:1: not valid TOML: lists or tables are nested too deeply"),
    ],
)
def test_what_is_wrong_is_refused_by_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(write(tmp_path, text)).startswith(message)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("drop = ['good', '(bad']", "1:18: key drop"),
        ("drop = [\n  'good', # [\n  'and (bad',\n]", "3:8: key drop"),
        ("[defaults]\nmatch = '(bad'", "2:10: key defaults.match"),
        (f'{FEED}match = "\\u00e4\\t (bad"', "3:19: key feeds.match"),
        (f'{FEED}match = """\ngood \\"a\\"\n  (bad"""', "5:3: key feeds.match"),
        (f"{FEED}match = '''(bad'''", "3:12: key feeds.match"),
        (f"{FEED}match = 'good'\n{FEED.replace('a', 'b')}# '\"\nmatch = '(bad'", "7:10: key feeds.match"),
        ("[[outputs]]\nname = 'a'\nquery = 'x OR (bad'", "3:15: key outputs.query"),
        ("feeds = [ {url = 'http://a/', match = '(bad'} ]", "1:40: key feeds.match"),
    ],
)
def test_a_bad_query_is_refused_by_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    assert refusal(write(tmp_path, text)).startswith(f"feeds.toml:{place}: is no query: ")


def test_the_first_of_several_is_named_and_the_others_counted(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, "limit = 0\ntitel = 'x'\n[fetch]\nrobots = 1"))
    assert message.startswith("feeds.toml:1: key limit")
    assert message.endswith("(and 2 more to correct)")


def test_secrets_are_not_repeated_in_errors(tmp_path: Path) -> None:
    text = '[[feeds]]\nurl = "http://user:hunter2@"\npassword = 1\ncookie = "hunter2\\n"\nproxy = "hunter2"'
    assert "hunter2" not in refusal(write(tmp_path, text))


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, b"a = 1\ntitle = '\xff'")).startswith("feeds.toml:2: not UTF-8")


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "feeds.toml")
    (tmp_path / "folder").mkdir()
    assert "can't be read" in refusal(tmp_path / "folder")


# -- warnings


def test_a_readable_file_with_a_secret_warns(tmp_path: Path) -> None:
    text = f"{FEED}username = 'me'\npassword = 'x'"
    assert load(write(tmp_path, text, 0o600), {}).warnings == ()
    assert "chmod" in load(write(tmp_path, text, 0o644), {}).warnings[0]
    assert load(write(tmp_path, FEED, 0o644), {"AGGREGATOR_TOKEN": "a long random word"}).warnings == ()
    assert "chmod" in load(write(tmp_path, 'token = "a long random word"', 0o644), {}).warnings[0]


def test_a_short_token_warns(tmp_path: Path) -> None:
    assert "shorter" in load(write(tmp_path, ""), {"AGGREGATOR_TOKEN": "short"}).warnings[0]


# -- positions


@given(
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.text(max_size=5)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
        max_leaves=12,
    ).map(lambda value: {"key": value, "last": 1})
)
def test_every_position_is_where_tomllib_read_the_value(values: dict[str, object]) -> None:
    import tomlkit

    text = "# [x] 'y\n" + tomlkit.dumps(values)
    read = tomllib.loads(text)
    place = locate(text, ("last",))
    assert place is not None
    assert tomllib.loads("last = " + text.split("\n")[place.line - 1][place.column - 1 :])["last"] == read["last"]
