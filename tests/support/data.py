"""Where the real data for tests and benchmarks lies; it is no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def data_folder() -> Path:
    """The folder named by NEWSDEDUP_DATA, else ``../shared/data`` beside the repository."""
    return Path(os.environ.get("NEWSDEDUP_DATA") or _ROOT.parent / "shared" / "data")


def require_data(name: str) -> Path:
    """A file of the real data; skips the test where it is absent."""
    path = data_folder() / name
    if not path.exists():
        pytest.skip(f"real data is absent: {path} (set NEWSDEDUP_DATA)")
    return path
