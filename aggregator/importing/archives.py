"""The members of a ZIP file, each read into memory within bounds. Nothing is ever unpacked to a place on disk."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aggregator.errors import ImportFailed
from aggregator.importing.values import Found, Input, failed, shown, too_large

_READABLE: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others can't be unpacked in bounded steps
_ENCRYPTED: Final = 0x1
_SMALL: Final = 2**20  # bytes that no ratio makes dangerous
# What zipfile raises for a damaged file, by experience with truncated and fuzzed ones.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, KeyError)


def members(source: Input) -> Iterator[Input | Found]:
    """The files in the archive in its order, hidden ones and folders left out; a member that is refused is a Found."""
    try:
        archive = zipfile.ZipFile(source.file)
        infos = archive.infolist()
    except _DAMAGED as error:
        raise ImportFailed(f"{source.name}: a damaged ZIP file: {error}") from None
    if len(infos) > source.bounds.members:
        raise ImportFailed(f"{source.name}: more than {source.bounds.members} members", error_class="too_large")
    left = source.bounds.archive
    for info in infos:
        if _hidden(info):
            continue
        name = shown(f"{source.name}/{info.filename}")
        try:
            body = _member(archive, info, replace(source, name=name))
        except ImportFailed as error:
            yield failed(error, name)
            continue
        left -= len(body)
        if left < 0:
            raise ImportFailed(
                f"{source.name}: unpacks to more than {source.bounds.archive} bytes", error_class="too_large"
            )
        yield replace(source, name=name, file=io.BytesIO(body))


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _hidden(info: zipfile.ZipInfo) -> bool:
    parts = _parts(info.filename)
    return info.is_dir() or any(part.startswith((".", "__MACOSX")) and part not in {".", ".."} for part in parts)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Input) -> bytes:
    name = source.name
    if info.filename.startswith(("/", "\\")) or ".." in _parts(info.filename):
        raise ImportFailed(f"{name}: its name leads out of the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ImportFailed(f"{name}: a symbolic link")
    if info.flag_bits & _ENCRYPTED:
        raise ImportFailed(f"{name}: encrypted; unpack the archive with its password first")
    if info.compress_type not in _READABLE:
        raise ImportFailed(f"{name}: packed by a method that isn't read; pack it again as an ordinary ZIP file")
    try:
        with archive.open(info) as file:
            body = file.read(source.bounds.document + 1)
    except (*_DAMAGED, OSError) as error:
        raise ImportFailed(f"{name}: damaged: {error}") from None
    if len(body) > source.bounds.document:
        raise too_large(name, source.bounds)
    if len(body) > max(_SMALL, info.compress_size * source.bounds.ratio):
        raise ImportFailed(f"{name}: unpacks to {len(body)} bytes from {info.compress_size}", error_class="too_large")
    return body
