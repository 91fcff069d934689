"""Which tests are run where: some need programs that Debian has and CI installs.

Without them `make test` leaves these out and says so; where they are, nothing is left out.
"""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run and no limit of time: a change is judged by what it does, not by chance or the machine's
# load. `make soak` looks for others.
settings.register_profile("sure", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("hunt", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2000)
settings.load_profile("sure")

FILES = {"test_browser.py": ("chromium", "chromium-browser"), "test_bar_postgres.py": ("pg_ctl",)}
NAMES = {"e10": ("faketime",), "crash_point": ("strace",), "synced": ("strace",)}  # parts of tests' names


def missing(programs: tuple[str, ...]) -> bool:
    return not any(shutil.which(program) for program in programs)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    programs = FILES.get(collection_path.name)
    return True if programs and missing(programs) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [part for part, programs in NAMES.items() if missing(programs)]
    left = [item for item in items if any(part in item.name for part in absent)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_report_header() -> list[str]:
    absent = {name: programs for name, programs in (FILES | NAMES).items() if missing(programs)}
    return [f"left out, since {programs[0]} is not installed: {name}" for name, programs in absent.items()]
