"""Who is answered, and what every answer carries, whatever was asked."""

import base64
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from webbench import BASE, FEEDS, PAGES, Bench, check_headers
from xss_oracle import violations

EVERYWHERE = [*FEEDS, *PAGES, "/opml.xml", "/healthz", "/metrics", "/api/stories", "/static/style.css"]
ERRORS = ["/nope", "/feed.atom?q=(", "/?q=(", "/?before=x", "/articles/999", "/api/nope", "/api/stories?limit=0"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE articles; --",
    "\x00\x1b[31m\x85\u2028",
    "../../../../etc/passwd",
    "(" * 400,
    "-" * 400,
    '"' * 399,
    "/(a+)+$/",
    "1" * 400,
    "%0d%0aX-Evil: 1",
    "١٢٣",
]


@pytest.fixture
def bench():
    return Bench()


@pytest.mark.parametrize("path", [*EVERYWHERE, *ERRORS])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_is_guarded(bench, path, accept):
    answer = bench.get(path, accept=accept)
    check_headers(answer)
    assert answer.status_code == 200 if path in EVERYWHERE else 400 <= answer.status_code < 500
    assert bench.client.post(path).status_code in {404, 405}
    check_headers(bench.client.delete(path))


def test_a_bug_is_a_500_that_tells_nothing(bench):
    bench.store.story = lambda key: {}[f"secret {key}"]
    for accept in ("text/html", "*/*"):
        answer = bench.get("/articles/1", accept=accept)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        check_headers(answer)


@pytest.mark.parametrize(
    ("host", "listen", "base_url", "status"),
    [
        ("127.0.0.1:8080", "127.0.0.1", BASE, 200),
        ("localhost", "127.0.0.1", BASE, 200),
        ("LOCALHOST:9", "127.0.0.1", BASE, 200),
        ("[::1]:8080", "127.0.0.1", BASE, 200),
        ("news.example.org", "127.0.0.1", "https://news.example.org/feeds", 200),
        ("news.example.org.", "127.0.0.1", "https://news.example.org", 200),
        ("evil.example", "127.0.0.1", BASE, 400),
        ("127.0.0.1.evil.example", "127.0.0.1", BASE, 400),
        ("localhost.evil.example", "0.0.0.0", BASE, 400),
        ("evil.example", "0.0.0.0", BASE, 400),
        ("192.168.1.7:8080", "0.0.0.0", BASE, 200),
        ("192.168.1.7:8080", "127.0.0.1", BASE, 400),
        ("192.168.1.7", "192.168.1.7", BASE, 200),
        ("[2001:db8::1]", "::", BASE, 200),
        ("user@localhost", "127.0.0.1", BASE, 200),
        ("[", "127.0.0.1", BASE, 400),
        ("<script>", "127.0.0.1", BASE, 400),
        ("", "127.0.0.1", BASE, 400),
    ],
)
def test_only_known_names_are_answered(bench, host, listen, base_url, status):
    bench.config = replace(bench.config, listen_host=listen, base_url=base_url)
    answer = bench.get("/feed.atom", host=host)
    assert answer.status_code == status
    assert "script" not in answer.text or status == 200
    check_headers(answer)
    assert bench.get("/healthz", host=host).status_code == 200


def basic(password: str, user: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_public_address_with_a_token_asks_for_it(bench):
    bench.config = replace(bench.config, listen_host="0.0.0.0", token="tökén&1")
    for path in [*FEEDS, *PAGES, "/metrics", "/api/stories", "/opml.xml", "/nope"]:
        answer = bench.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic ")
        check_headers(answer)
    assert bench.get("/healthz").status_code == 200
    assert bench.get("/static/style.css").status_code == 200
    assert bench.get("/feed.atom?token=t%C3%B6k%C3%A9n%261").status_code == 200
    assert bench.get("/feed.atom", authorization=basic("tökén&1", "anybody")).status_code == 200
    answer = bench.client.get("/feed.atom", headers={"authorization": "Bearer tökén&1".encode()})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert b"token" not in answer.content
    wrong = ["Bearer", "Bearer x", basic("x"), "Basic ???", "Basic é", "Digest tökén&1", basic("tökén&1")[:-2]]
    for value in wrong:
        answer = bench.client.get("/feed.atom", headers={"authorization": value.encode()})
        assert answer.status_code == 401, value
    for query in ("token=", "token=x", "token=%FF", "Token=x", "token=x&token=t%C3%B6k%C3%A9n%261"):
        assert bench.get(f"/feed.atom?{query}").status_code == 401, query
    assert "add <code>?token=" in bench.get("/", authorization=basic("tökén&1")).text


@pytest.mark.parametrize("listen", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_loopback_is_open(bench, listen):
    for base_url in ("http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080"):
        bench.config = replace(bench.config, listen_host=listen, base_url=base_url, token="secret")
        assert bench.get("/feed.atom").status_code == 200


def test_whom_a_proxy_brings_to_a_loopback_address_is_asked_for_the_token(bench):
    bench.config = replace(bench.config, listen_host="127.0.0.1", base_url="https://news.example.org", token="secret")
    assert bench.get("/feed.atom").status_code == 401
    assert bench.get("/feed.atom", authorization=basic("secret")).status_code == 200


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("path", ["/", *FEEDS, "/api/stories", "/feeds/prague.atom"])
@pytest.mark.parametrize("name", ["q", "before", "output", "limit", "token"])
def test_hostile_parameters_do_no_harm(bench, path, name, value):
    answer = bench.client.get(path, params={name: value}, headers={"accept": "text/html"})
    assert answer.status_code in {200, 400, 404, 422}
    if answer.headers["content-type"].startswith("text/html"):
        assert [found for found in violations(answer.text) if found[0] == "exec"] == []
    assert "x-evil" not in answer.headers
    check_headers(answer)


@given(path=st.text(max_size=30), query=st.text(max_size=60))
@effort(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_request_gets_an_answer(bench, path, query):
    answer = bench.client.get("/" + quote(path), params={"q": query, "before": query})
    assert answer.status_code in {200, 400, 404, 405, 422}
    check_headers(answer)


@pytest.mark.parametrize("value", ["0", "-1", "x", "1e3", "9" * 30, "9" * 5000, "٣", "1.5", "9223372036854775808"])
def test_numbers_are_checked(bench, value):
    answer = bench.get(f"/?before={value}")
    assert answer.status_code == 400
    assert "whole number" in answer.text
