"""Which tests are run where: those of a browser and of a faked clock need Debian's programs, which CI installs.

Without them `make test` leaves these out and says so; where they are, nothing is left out.
"""

import shutil
from pathlib import Path

import pytest

NEEDS = {"test_browser.py": ("chromium", "chromium-browser"), "faketime": ("faketime",)}


def missing(name: str) -> bool:
    return not any(shutil.which(program) for program in NEEDS[name])


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if collection_path.name == "test_browser.py" and missing("test_browser.py") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if missing("faketime"):
        left = [item for item in items if "e10" in item.name]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_report_header() -> list[str]:
    return [f"left out, since {NEEDS[name][0]} is not installed: {name} tests" for name in NEEDS if missing(name)]
