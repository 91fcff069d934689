"""Durations and sizes as people write them: "30s", "1h30m", "5y", "forever"; "10MiB", "2GB"."""

import re
from datetime import timedelta
from typing import Final

_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800, "y": 365 * 86400}
_BYTES: Final = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_DURATION: Final = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(ms|min|[smhdwy])", re.ASCII)
_SIZE: Final = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?i?b)\s*", re.ASCII | re.IGNORECASE)
_LONGEST: Final = 200 * 365 * 86400  # seconds; a longer one overflows dates, and "forever" says it better


def duration(value: object) -> timedelta:
    """The span of time that a text such as "30s" or "1h30m" names; a year has 365 days. ValueError when it is none."""
    text = value if isinstance(value, str) else ""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError(
            f'{_shown(value)} is no duration; write a number and a unit, such as "30s", "15m", "1h" or "90d"'
        )
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ValueError(f"{_shown(value)} is longer than 200 years")
    return timedelta(seconds=seconds)


def span(value: object) -> timedelta | str:
    """How long to keep something: a duration above zero, or "forever", which comes back as it is."""
    if value == "forever":
        return "forever"
    try:
        length = duration(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "forever"') from None
    if not length:
        raise ValueError('must be longer than nothing; write "forever" to keep everything')
    return length


def size(value: object) -> int:
    """The number of bytes that a text such as "10MiB" names. ValueError when it names none."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    unit = match[2].lower() if match else ""
    if match is None or unit not in _BYTES:
        raise ValueError(f'{_shown(value)} is no size; write a number and a unit, such as "512KiB", "10MiB" or "2GiB"')
    return int(float(match[1]) * _BYTES[unit])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
