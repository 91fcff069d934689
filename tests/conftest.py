"""Which tests are run where: some need programs that Debian has and CI installs.

Without them `make test` leaves these out and says so; where they are, nothing is left out.
"""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import storing_postgres
from hypothesis import HealthCheck, settings
from loopback import Web, serving

# The same examples in every run and no limit of time: a change is judged by what it does, not by chance or the machine's
# load. `make soak` looks for others.
settings.register_profile("sure", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("hunt", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2000)
settings.load_profile("sure")

FILES = {"test_browser.py": ("chromium", "chromium-browser"), "test_bar_postgres.py": ("pg_ctl",)}
NAMES = {"test_e10": ("faketime",), "crash_point": ("strace",), "synced": ("strace",)}  # parts of tests' names
TRACE = ("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true")


@cache
def missing(programs: tuple[str, ...]) -> str:
    """Why none of the programs can be used; empty when one can."""
    if "pg_ctl" in programs:
        return "" if storing_postgres.THERE else "PostgreSQL is not installed"
    if not any(shutil.which(program) for program in programs):
        return f"{programs[0]} is not installed"
    if "strace" in programs and subprocess.run(TRACE, check=False, capture_output=True).returncode:
        return "strace may not trace here"
    return ""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    programs = FILES.get(collection_path.name)
    return True if programs and missing(programs) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [part for part, programs in NAMES.items() if missing(programs)]
    left = [item for item in items if any(part in item.name for part in absent)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture
def web() -> Iterator[Web]:
    """A small web on loopback."""
    with serving() as made:
        yield made


def pytest_report_header() -> list[str]:
    absent = {name: why for name, programs in (FILES | NAMES).items() if (why := missing(programs))}
    return [f"left out, since {why}: {name}" for name, why in absent.items()]
