"""An answer's body, bounded on the wire and once more inside the decoder. Knows nothing of URLs and redirects."""

import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import Final

from aggregator.errors import FetchError

_MEMBERS: Final = 1000  # a gzip file may consist of several; each of them costs a decoder


@dataclass(frozen=True, slots=True)
class Body:
    """Decoded bytes, and how many came over the wire."""

    data: bytes
    wire_bytes: int


def coding(header: str) -> str:
    """The one content coding: "gzip", "deflate" or "". FetchError `encoding` for any other and for several."""
    named = [name for part in header.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not named:
        return ""
    if len(named) == 1 and (known := {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}.get(named[0])):
        return known
    raise FetchError(
        f"the answer is encoded as {header[:60]!a}, and only gzip and deflate were offered", error_class="encoding"
    )


def declared(header: str) -> int | None:
    """The length that Content-Length states, None without a usable one."""
    return int(header) if header.isascii() and header.isdigit() and len(header) < 20 else None


async def read(stream: AsyncIterable[bytes], *, encoded: str, limit: int, cut: bool = False) -> Body:
    """Reads a body to its end. Past `limit` bytes on the wire or decoded: FetchError `too_large`, or cut off there.

    FetchError `encoding` when it can't be decoded, `truncated` when it ends too early.
    """
    decoder = _Decoder(encoded, limit) if encoded else None
    parts: list[bytes] = []
    wire = size = 0
    async for chunk in stream:
        wire += len(chunk)
        part = decoder.decode(chunk) if decoder else chunk
        size += len(part)
        parts.append(part)
        if wire > limit or size > limit:
            if cut:
                return Body(b"".join(parts)[:limit], wire)
            raise _too_large(limit)
    if decoder and wire:
        decoder.finish()
    return Body(b"".join(parts) if len(parts) != 1 else parts[0], wire)


def refuse_declared(length: int | None, limit: int) -> None:
    """FetchError `too_large` when the stated length is over the limit: nothing needs to be read to know."""
    if length is not None and length > limit:
        raise _too_large(limit, f"{length} bytes, ")


def _too_large(limit: int, stated: str = "") -> FetchError:
    return FetchError(
        f"the answer is too large: {stated}more than the {limit / 2**20:.3g} MiB that are allowed",
        error_class="too_large",
    )


@dataclass(slots=True)
class _Decoder:
    """gzip or deflate, never giving more than one byte past what is left of the limit."""

    coding: str
    left: int
    members: int = 0
    head: bytes = b""
    inflate: "zlib._Decompress | None" = field(default=None)

    def decode(self, data: bytes) -> bytes:
        out: list[bytes] = []
        data = self._begin(data)
        while data and self.inflate is not None and self.left >= 0:
            part = self._inflate(self.inflate, data)
            out.append(part)
            self.left -= len(part)
            data = self._rest(self.inflate)
        return b"".join(out)

    def finish(self) -> None:
        """FetchError `truncated` unless the end of the data has come."""
        if self.left >= 0 and (self.inflate is None or not self.inflate.eof):
            raise FetchError("the transfer was cut off within its compressed data", error_class="truncated")

    def _begin(self, data: bytes) -> bytes:
        """Two bytes tell zlib-wrapped from raw deflate; browsers take both, and so do servers."""
        if self.inflate is not None:
            return data
        data = self.head + data
        if len(data) < 2:
            self.head = data
            return b""
        self.inflate = zlib.decompressobj(_window(self.coding, data))
        return data

    def _inflate(self, inflate: "zlib._Decompress", data: bytes) -> bytes:
        try:
            return inflate.decompress(data, self.left + 1)
        except zlib.error as error:
            raise FetchError(
                f"the answer says it is {self.coding} and is not, or is damaged ({error})", error_class="encoding"
            ) from None

    def _rest(self, inflate: "zlib._Decompress") -> bytes:
        """What is still to be decoded: the tail, or the next gzip member. Padding after the end is left alone."""
        if not inflate.eof:
            return inflate.unconsumed_tail
        rest = inflate.unused_data
        if self.coding != "gzip" or not rest.startswith(b"\x1f\x8b"):
            return b""
        self.members += 1
        if self.members > _MEMBERS:
            raise FetchError("the answer is a gzip file of too many parts", error_class="encoding")
        self.inflate = zlib.decompressobj(31)
        return rest


def _window(coding: str, data: bytes) -> int:
    if coding == "gzip":
        return 31
    wrapped = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return 15 if wrapped else -15
