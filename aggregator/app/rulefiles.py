"""The folder of site rules: HOST.txt and .HOST.txt, each in the FiveFilters format.

A file that can't be read is passed over and named; what is wrong inside one is for `aggregator check` to tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MAX_FILES: Final = 5000
MAX_BYTES: Final = 2**16  # of one file


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFiles:
    """Rules by host, in lower case without www.; one with a dot in front holds for all hosts below it too."""

    texts: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_rules(folder: Path | None) -> RuleFiles:
    """What the folder holds; nothing without one."""
    texts: dict[str, str] = {}
    paths: dict[str, Path] = {}
    problems: list[str] = []
    found = sorted(folder.glob("*.txt")) if folder else []
    if len(found) > MAX_FILES:
        problems.append(f"{folder}: {len(found)} files, of which the first {MAX_FILES} are read")
    for path in found[:MAX_FILES]:
        host = path.name.removesuffix(".txt").lower().removeprefix("www.")
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES + 1)
        except OSError as error:
            problems.append(f"{path}: can't be read: {error.strerror}")
            continue
        if len(text) > MAX_BYTES:
            problems.append(f"{path}: larger than {MAX_BYTES // 1024} KiB; what is past that is left out")
        if host in paths:
            problems.append(f"{path}: {paths[host].name} is for the same host and counts no more")
        texts[host], paths[host] = text[:MAX_BYTES].decode("utf-8-sig", "replace"), path
    return RuleFiles(texts=texts, paths=paths, problems=tuple(problems))
