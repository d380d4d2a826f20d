from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_FREES_A_LOT = """
from crawler.garbage import collect_seldom, give_back_memory
import gc

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

collect_seldom()
assert gc.get_freeze_count() > 1_000 and gc.get_threshold()[0] > 700, (gc.get_freeze_count(), gc.get_threshold())
pieces = [bytes(2_000) for _ in range(30_000)]
last = bytes(2_000)  # above all others: the C library cannot let go of them by itself
del pieces
before = held()
give_back_memory()
print(before - held())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked to give memory back")
def test_freed_memory_is_given_back() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _FREES_A_LOT], capture_output=True, text=True, check=True, timeout=300
    )
    assert int(result.stdout) > 30_000_000
