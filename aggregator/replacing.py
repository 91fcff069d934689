"""A file replaced at once: whoever reads it finds the old one or the new one, never a part."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replaced(target: Path) -> Iterator[BinaryIO]:
    """What is written to the file stands at `target` afterwards; after an exception the old one does, and no trace.

    The file has mode 0600 until the writer gives it another. OSError as the system has it. The new content is as safe
    from a loss of power as the writer makes it.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
