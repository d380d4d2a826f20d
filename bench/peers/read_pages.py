"""What every extraction peer reads and writes; plain Python, because each runs in an environment of its own.

python PEER.py PAGES.jsonl READINGS.jsonl
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

Reading = tuple[str | None, datetime | str | None, Iterable[str], str | None]


def read_all(read: Callable[[bytes, str], Reading]) -> None:
    """Calls ``read(html, url)`` for every page; writes its readings, and the processor seconds they took."""
    pages = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    bodies = [Path(page["path"]).read_bytes() for page in pages]
    started = time.process_time()
    readings = [_reading(read, body, page) for body, page in zip(bodies, pages, strict=True)]
    seconds = time.process_time() - started
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        out.write(json.dumps({"seconds": seconds}) + "\n")
        out.writelines(json.dumps(reading) + "\n" for reading in readings)


def _reading(read: Callable[[bytes, str], Reading], body: bytes, page: dict[str, str]) -> dict[str, Any]:
    try:
        title, published, authors, text = read(body, page["url"])
    except Exception as error:  # noqa: BLE001  # a page that breaks a peer is a page without a reading
        title, published, authors, text = None, None, [], ""
        print(f"{page['name']}: {type(error).__name__}: {error}", file=sys.stderr)
    if isinstance(published, datetime):
        published = published.isoformat()
    names = [name.strip() for name in authors or [] if name and name.strip()]
    return {
        "name": page["name"],
        "title": title,
        "published": published,
        "authors": names,
        "text": text or "",
    }
