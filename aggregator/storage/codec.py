"""How values lie in the store: times as UTC epoch milliseconds, bodies as compressed JSON, addresses as hashed keys.

Every blob begins with a byte that says how it was made, so that another way can follow without touching old rows.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from aggregator.model import Enclosure, Entry

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3
PLAIN, ZSTD = b"\x00", b"\x01"
SMALL = 120  # bytes; below this zstd makes nothing smaller

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def ms(moment: datetime) -> int:
    """An aware time as UTC epoch milliseconds."""
    return (moment - _EPOCH) // _MILLISECOND


def ms_or_none(moment: datetime | None) -> int | None:
    """The same for a time that may be missing."""
    return None if moment is None else ms(moment)


def at(value: int) -> datetime:
    """UTC epoch milliseconds as an aware time."""
    return _EPOCH + timedelta(milliseconds=value)


def at_or_none(value: int | None) -> datetime | None:
    """The same for a time that may be missing."""
    return None if value is None else _EPOCH + timedelta(milliseconds=value)


def seconds(span: timedelta | None) -> int | None:
    """A length of time as whole seconds."""
    return None if span is None else round(span.total_seconds())


def span(value: int | None) -> timedelta | None:
    """Whole seconds as a length of time."""
    return None if value is None else timedelta(seconds=value)


class DamagedError(ValueError):
    """A blob that cannot be read: the database file was changed by something else, or by a failing disk."""


def squeeze(data: bytes) -> bytes:
    """Bytes, compressed when that is worth it."""
    return PLAIN + data if len(data) < SMALL else ZSTD + zstd.compress(data, LEVEL)


def unsqueeze(blob: bytes) -> bytes:
    """What `squeeze` was given. Raises DamagedError for a blob that it did not make."""
    kind, data = blob[:1], blob[1:]
    if kind == PLAIN:
        return data
    if kind == ZSTD:
        try:
            return zstd.decompress(data)
        except zstd.ZstdError as error:
            raise DamagedError(f"a stored text cannot be unpacked: {error}") from error
    raise DamagedError(f"a stored text is of an unknown kind {kind!r}")


def pack(value: object) -> bytes:
    """A JSON value as a blob. Lone surrogates, which UTF-8 has no place for, become question marks."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return squeeze(text.encode("utf-8", "replace"))


def unpack(blob: bytes) -> Any:
    """What `pack` was given. Raises DamagedError."""
    try:
        return json.loads(unsqueeze(blob).decode())
    except ValueError as error:
        raise DamagedError(f"a stored text cannot be read: {error}") from error


def entry_blob(entry: Entry) -> bytes:
    """An entry without its hash, which has a column of its own; fields at their defaults are left out."""
    row: dict[str, object] = {}
    for name in _ENTRY_FIELDS:
        value = getattr(entry, name)
        if value:
            row[name] = value
    for name in ("published", "updated"):
        if name in row:
            row[name] = ms(row[name])  # type: ignore[arg-type]  # both are datetimes by the model
    if entry.enclosures:
        row["enclosures"] = enclosures_out(entry.enclosures)
    return pack(row)


def blob_entry(blob: bytes, digest: bytes) -> Entry:
    """The entry that `entry_blob` was given."""
    row = unpack(blob)
    for name in ("published", "updated"):
        if name in row:
            row[name] = at(row[name])
    row["categories"] = tuple(row.get("categories", ()))
    row["enclosures"] = enclosures_in(row.get("enclosures", ()))
    return Entry(hash=digest, **row)


_ENTRY_FIELDS = tuple(field.name for field in fields(Entry) if field.name not in {"hash", "enclosures"})


def enclosures_out(enclosures: tuple[Enclosure, ...]) -> list[list[object]]:
    """Enclosures as JSON lists of url, type, length."""
    return [[item.url, item.type, item.length] for item in enclosures]


def enclosures_in(rows: Any) -> tuple[Enclosure, ...]:
    """And back."""
    return tuple(Enclosure(url=url, type=kind, length=length) for url, kind, length in rows)


def guid_key(guid: str) -> bytes:
    """Sixteen bytes that identify a guid within its feed; http and https are one."""
    bare = _SCHEME.sub("//", guid, count=1) if guid[:4].lower() == "http" else guid
    return blake2b(bare.encode("utf-8", "replace"), digest_size=16, person=b"guid").digest()


def url_key(canonical: str) -> int:
    """A canonical address as a signed 64-bit key."""
    digest = blake2b(canonical.encode("utf-8", "replace"), digest_size=8, person=b"url").digest()
    return int.from_bytes(digest, "big", signed=True)


def clean(value: str) -> str:
    """Text that any database takes: no NUL, no lone surrogates. The caller has made it legal; this is the last line."""
    if "\0" in value:
        value = value.replace("\0", "")
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def json_text(value: object) -> str:
    """A short JSON value for a text column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def strings(text: str) -> tuple[str, ...]:
    """A JSON list of strings from a text column."""
    return tuple(json.loads(text))


def bare(row: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping without its empty values."""
    return {name: value for name, value in row.items() if value}
