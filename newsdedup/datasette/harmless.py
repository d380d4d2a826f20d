"""Makes what Datasette answers harmless: no change of reading direction in pages, no formulas in CSV.

Must not know the database; Datasette itself escapes markup.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, TypeAlias

from newsdedup.safe_text import csv_cell, harmless_text

csv.field_size_limit(100_000_000)  # a cell may hold a whole article

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    _Clean: TypeAlias = Callable[[str], str]


class HarmlessAnswers:
    """Passes pages and CSV through the same hands as everything else that newsdedup shows.

    They are gathered first: Datasette bounds the rows of each. JSON escapes what acts by itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_csv = scope["path"].endswith(".csv") or b"_format=csv" in scope["query_string"]
        answer = _Answer(send, is_csv=is_csv)
        await self.app(scope, receive, answer.take)


class _Answer:
    def __init__(self, send: Send, *, is_csv: bool) -> None:
        self.send = send
        self.is_csv = is_csv
        self.start: Message | None = None
        self.clean: _Clean | None = None
        self.body = bytearray()

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.clean = _cleaner(message, is_csv=self.is_csv)
            self.start = message
        if self.clean is None or self.start is None:
            await self.send(message)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_clean(self.start, self.clean)

    async def _send_clean(self, start: Message, clean: _Clean) -> None:
        body = clean(self.body.decode("utf-8", "replace")).encode()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await self.send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self.send({"type": "http.response.body", "body": body})


def _cleaner(start: Message, *, is_csv: bool) -> _Clean | None:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    if any(kind.startswith(b"text/html") for kind in kinds):
        return harmless_text
    return _without_formulas if is_csv else None


def _without_formulas(text: str) -> str:
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text, newline=""))
    csv.writer(out).writerows([cell if _is_number(cell) else csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
