"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import ShapeflowError


def write(file: Path, content: bytes) -> None:
    """Writes the whole file or nothing.

    Raises:
        ShapeflowError: the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.chmod(name, 0o644)
            os.replace(name, file)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise ShapeflowError(f"{str(file)!r} cannot be written: {error.strerror}") from error
