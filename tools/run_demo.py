"""Runs `newsdedup demo` in an empty folder and gives its output with what differs from run to run made plain."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from click.testing import CliRunner

from newsdedup.cli import main

_WIDTH = {"COLUMNS": "110"}
_NOW = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d")
_CLUSTER_ID = re.compile(r"^ ?\d{1,2}(?=   \d+ \w)", re.MULTILINE)


def demo_output() -> str:
    """What the demonstration found: the time of the crawl is written as ``now``, and clusters as ``#``."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "demo.db"
        result = CliRunner(env=_WIDTH).invoke(main, ["demo", "--database", str(database), "-q"])
    if result.exit_code:
        raise RuntimeError(result.stderr)
    found = result.stdout[result.stdout.index("Found\n") :]
    return _CLUSTER_ID.sub(" #", _NOW.sub("now             ", found)).rstrip()
