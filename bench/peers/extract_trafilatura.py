"""trafilatura as its documentation shows it: the library's defaults, with metadata."""

import sys

from read_pages import Reading, read_all
from trafilatura import bare_extraction

OPTIONS = (
    {"favor_precision": True, "include_comments": False, "include_tables": False}
    if "precision" in sys.argv
    else {}
)


def read(body: bytes, url: str) -> Reading:
    found = bare_extraction(body, url=url, with_metadata=True, **OPTIONS)
    if found is None:
        return None, None, [], ""
    return found.title, found.date, (found.author or "").split(";"), found.text


if __name__ == "__main__":
    read_all(read)
