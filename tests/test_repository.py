"""The repository keeps its own rules: sizes, reasons, dependencies that are named, files that fit together."""

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

import aggregator
from aggregator.config import load
from aggregator.config.loading import _VARIABLES
from aggregator.config.tables import FeedTable

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "aggregator").rglob("*.py"))
PYTHON = [path for folder in ("aggregator", "benchmarks", "tests", "tools") for path in (ROOT / folder).rglob("*.py")]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")

FILE_LINES = 400
FUNCTION_LINES = 30
# The part of compose-spec's keys of a service that may be used here; a mistyped key is none of them.
SERVICE_KEYS = {
    *(
        "build",
        "cap_drop",
        "command",
        "depends_on",
        "deploy",
        "environment",
        "healthcheck",
        "image",
        "init",
        "mem_limit",
    ),
    *("networks", "pids_limit", "ports", "profiles", "read_only", "restart", "security_opt", "stop_grace_period"),
    *("tmpfs", "ulimits", "user", "volumes", "working_dir"),
}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and lines, its docstring and decorators not counted."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                (node.end_lineno or 0) - node.lineno + 1 - docstring,
            )


def test_nine_functions_in_ten_are_short_and_none_is_long() -> None:
    lengths = dict(one for path in SOURCES for one in functions(path))
    assert len(lengths) > 300
    long = {name: length for name, length in lengths.items() if length >= FUNCTION_LINES}
    assert len(long) <= len(lengths) / 10, long
    assert not {name: length for name, length in long.items() if length > 2 * FUNCTION_LINES}


def test_files_are_short() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {str(path): lines for path, lines in lengths.items() if lines >= FILE_LINES} == {}


def test_modules_open_by_saying_what_they_do() -> None:
    assert [str(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_every_suppression_carries_its_reason() -> None:
    suppression = re.compile(
        r"#\s*(?:noqa|type:\s*ignore|pragma)\b(?::?\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w, -]+\])?(.*)"
    )
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PYTHON
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (match := suppression.search(line)) and path != Path(__file__) and not re.search(r"\w{3}", match[1])
    ]
    assert bare == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    evasion = re.compile(r"pytest\.(?:skip|xfail|importorskip)|mark\.(?:skip|xfail)")
    assert evasion.search("@pytest.mark" + ".skip")
    assert [path.name for path in (ROOT / "tests").rglob("*.py") if evasion.search(path.read_text("utf-8"))] == []


# -- dependencies


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def declared() -> set[str]:
    listed = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"]["postgres"]]
    return {re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0].lower() for requirement in listed}


def test_what_is_imported_is_a_named_dependency() -> None:
    modules = {name for path in SOURCES for name in imported(path)} - set(sys.stdlib_module_names) - {"aggregator"}
    modules -= {"compression"}  # of Python 3.14's standard library
    owners = packages_distributions()
    missing = {
        name: owners.get(name)
        for name in modules
        if not {owner.lower().replace("_", "-") for owner in owners.get(name, [])} & declared() and name != "psycopg"
    }
    assert missing == {}


def test_the_lock_file_is_that_of_pyproject() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    (own,) = (package for package in lock["package"] if package["name"] == "aggregator")
    locked = {row["name"]: row.get("specifier", "") for row in own["metadata"]["requires-dist"]}
    for requirement in PYPROJECT["project"]["dependencies"]:
        match = re.match(r"([\w.-]+)(?:\[[^\]]*\])?([^;]*)", requirement)
        assert match
        name = re.sub(r"[._]", "-", match[1].lower())
        assert set(locked[name].split(",")) == set(match[2].strip().split(",")), requirement


def test_one_version_is_stated() -> None:
    version = PYPROJECT["project"]["version"]
    assert aggregator.__version__ == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_pip_gets_the_locked_versions_and_the_development_tools() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "pinned.py")]
    pinned = subprocess.run([*tool, "constraints"], check=True, capture_output=True, text=True).stdout.split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", line) for line in pinned)
    assert "trafilatura" in {line.partition("==")[0] for line in pinned}
    assert len(pinned) > 50
    group = subprocess.run([*tool, "group", "dev"], check=True, capture_output=True, text=True).stdout.splitlines()
    assert group == PYPROJECT["dependency-groups"]["dev"]


# -- make and CI


def test_make_has_its_targets_and_the_readme_begins_with_two_of_them() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert targets >= {"setup", "run", "test", "check", "fix", "bench", "soak", "clean"}
    blocks = re.findall(r"```(?:sh|console)?\n(.*?)```", README, re.DOTALL)
    assert re.findall(r"^\s*(make \w+)", blocks[0], re.MULTILINE) == ["make run", "make test"]


def test_ci_runs_the_checks_and_ends_with_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert script.read_text("utf-8").rstrip().splitlines()[-1] == "make check test"


# -- containers and systemd


def test_compose_file_has_known_keys_only() -> None:
    assert set(COMPOSE) == {"name", "services", "volumes"}
    for name, service in COMPOSE["services"].items():
        assert set(service) <= SERVICE_KEYS, name
    assert set(COMPOSE["services"]["aggregator"]["healthcheck"]) == {
        "test",
        "interval",
        "timeout",
        "start_period",
        "retries",
    }


def test_the_container_can_write_its_store_and_nothing_else() -> None:
    service = COMPOSE["services"]["aggregator"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["volumes"] == [".:/config:ro", "store:/store"]
    assert COMPOSE["volumes"] == {"store": {}}
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert "USER 10001:10001" in DOCKERFILE
    assert DOCKERFILE.index("USER 10001") < DOCKERFILE.index("ENTRYPOINT")


def test_image_and_compose_check_the_same_health() -> None:
    test = COMPOSE["services"]["aggregator"]["healthcheck"]["test"]
    assert str(test[1:]).replace("'", '"').replace('"', "") in DOCKERFILE.replace("'", '"').replace('"', "")


def test_variables_set_by_image_compose_and_unit_are_read() -> None:
    unit = (ROOT / "deploy" / "aggregator.service").read_text("utf-8")
    known = {*_VARIABLES, "AGGREGATOR_CONFIG"}
    for text in (DOCKERFILE, unit, (ROOT / "docker-compose.yml").read_text("utf-8"), README):
        found = set(re.findall(r"AGGREGATOR_[A-Z_]+", text))
        assert found
        assert found <= known


def test_containers_settings_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text((ROOT / "feeds.toml").read_text("utf-8"))
    environ = dict(re.findall(r"(AGGREGATOR_[A-Z_]+)=(\S+)", DOCKERFILE))
    config = load(path, environ)
    assert (config.listen_host, config.store) == ("0.0.0.0", "sqlite:////store/aggregator.db")


def test_what_the_image_is_built_from_reaches_the_builder() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        word
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert copied == kept
    assert all((ROOT / name).exists() for name in kept)


def test_the_unit_runs_the_service_without_rights() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[method-assign, assignment]  # systemd's keys have capitals
    unit.read(ROOT / "deploy" / "aggregator.service")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/.venv/bin/aggregator run")
    assert service["User"] == "aggregator"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    assert service["Restart"] == "on-failure"
    assert int(service["TimeoutStopSec"]) > 10
    assert "@resources" not in service["SystemCallFilter"]  # the workers' setrlimit


# -- documents


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_the_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert len(text) > 500
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_commands_and_options_of_the_readme_exist() -> None:
    named = set(re.findall(r"(?:`|^    |exec aggregator )aggregator ([a-z]+)", README, re.MULTILINE))
    shown = subprocess.run(
        [sys.executable, "-m", "aggregator", "--help"], check=True, capture_output=True, text=True
    ).stdout
    assert len(named) > 8
    assert {name for name in named if not re.search(rf"\b{name}\b", shown)} == set()


def test_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    modules = {path.stem if path.suffix else path.name for path in (ROOT / "aggregator").iterdir()} - {"__pycache__"}
    missing = {name for name in modules if not name.startswith("__") and not re.search(rf"\b{name}(?:\.py|/)", text)}
    assert missing == set()


def test_keys_in_the_readme_exist() -> None:
    keys = set(FeedTable.model_fields)
    for block in re.findall(r"\[\[feeds\]\]\n((?:\w+ = .*\n)+)", README):
        assert set(re.findall(r"^(\w+) =", block, re.MULTILINE)) <= keys
