"""What pip needs to install what uv.lock pins: `pinned.py constraints`, or `pinned.py group NAME` of pyproject.toml.

For pip before 25.1, which knows neither lock files nor dependency groups. A package that the lock file pins to several
versions, one for each range of Python versions, is left to pip.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def constraints() -> list[str]:
    """name==version for every package that stands in uv.lock once."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    names = [package["name"] for package in packages]
    return [
        f"{package['name']}=={package['version']}"
        for package in packages
        if "registry" in package["source"] and names.count(package["name"]) == 1
    ]


def group(name: str) -> list[str]:
    """The requirements of one dependency group."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return [str(requirement) for requirement in groups[name]]


if __name__ == "__main__":
    print("\n".join(group(sys.argv[2]) if sys.argv[1] == "group" else constraints()))
