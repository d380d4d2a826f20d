"""What every extraction peer reads and writes; plain Python, because each runs in an environment of its own.

python PEER.py PAGES.jsonl READINGS.jsonl
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path


def read_all(read):
    """Calls ``read(html, url)`` for every page; writes its readings, and the processor seconds they took."""
    pages = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    bodies = [Path(page["path"]).read_bytes() for page in pages]
    started = time.process_time()
    readings = [_reading(read, body, page) for body, page in zip(bodies, pages, strict=True)]
    seconds = time.process_time() - started
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        out.write(json.dumps({"seconds": seconds}) + "\n")
        for reading in readings:
            out.write(json.dumps(reading) + "\n")


def _reading(read, body, page):
    try:
        title, published, authors, text = read(body, page["url"])
    except Exception as error:
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
