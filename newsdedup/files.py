"""Opens what a user names: a file, a compressed file, or the standard streams.

Must not know what is in it.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_input(name: str) -> Iterator[BinaryIO]:
    """Bytes of a file, or of standard input for ``-``; gzip is recognised by its first bytes and read through.

    Raises:
        OSError: the file cannot be read.
    """
    with ExitStack() as stack:
        raw = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", raw))
        if buffered.peek(2)[:2] == _GZIP_MAGIC:
            yield cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=buffered, mode="rb")))
        else:
            yield cast("BinaryIO", buffered)


@contextmanager
def open_output(name: str) -> Iterator[TextIO]:
    """UTF-8 text to a file, or to standard output for ``-``; a name ending in ``.gz`` is compressed.

    The file appears under its name only when all of it was written; equal text gives equal bytes.

    Raises:
        OSError: the file cannot be written.
    """
    if name == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    with ExitStack() as stack:
        raw: IO[bytes] = stack.enter_context(open_binary_output(name))
        if name.endswith(".gz") and not _is_device(Path(name)):
            packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)
            raw = cast("IO[bytes]", stack.enter_context(packed))
        yield stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8", newline=""))


@contextmanager
def open_binary_output(name: str) -> Iterator[IO[bytes]]:
    """Bytes to a file, which appears under its name only when all of it was written.

    Raises:
        OSError: the file cannot be written.
    """
    target = Path(name)
    if _is_device(target):
        with target.open("wb") as stream:
            yield stream
        return
    temporary = _temporary_beside(target)
    try:
        with temporary.open("wb") as stream:
            yield stream
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_one_output(first: str, second: str) -> bool:
    """Whether two outputs would go to one file, the second over the first, or both to standard output."""
    return Path(first) == Path(second) and (first == "-" or not _is_device(Path(first)))


def _is_device(target: Path) -> bool:
    """Whether it is a pipe or a device, which cannot be replaced by a file."""
    return target.exists() and not target.is_file()


def _temporary_beside(target: Path) -> Path:
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    return Path(name)
