from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "slow"),
    [
        ("newsdedup.cli", "sqlalchemy"),
        ("newsdedup.cli", "numpy"),
        ("newsdedup.jobs.answers", "scipy"),
        ("newsdedup.jobs.database", "alembic"),
        ("newsdedup.serve.app", "networkx"),
    ],
)
def test_what_a_command_does_not_need_is_not_waited_for(module: str, slow: str) -> None:
    program = f"import sys, {module}; sys.exit({slow!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
