"""The one error that storage raises for what a caller cannot prevent; it never hides the driver's own."""

from __future__ import annotations


class StorageError(Exception):
    """A database that cannot be reached, read or written, or does not fit this program.

    ``key`` is the URL or id concerned; ``is_transient`` says that the same call may succeed later.
    """

    def __init__(self, message: str, key: str | None = None, *, is_transient: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.key = key
        self.is_transient = is_transient
