from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.program import run

if TYPE_CHECKING:
    from pathlib import Path

# What computes, crawls, draws or migrates; a list asks the database alone.
SLOW = {
    *("alembic", "datasketch", "htmldate", "jinja2", "lxml", "matplotlib", "multiprocessing", "networkx"),
    *("numpy", "prometheus_client", "py3langid", "pyarrow", "rapidfuzz", "scipy", "scrapy", "starlette"),
    *("trafilatura", "twisted", "uvicorn"),
}
ALIGNS = {"numpy", "rapidfuzz"}  # the two texts of a pair are laid side by side when it is shown
LISTS = (
    ["clusters", "--limit", "5"],
    ["clusters", "show", "1"],
    ["search", "lighthouse"],
    ["report"],
    ["report", "sources"],
    ["report", "cluster", "1"],
    ["report", "spun"],
    ["report", "reviews"],
    ["report", "crawl"],
    ["sql", "SELECT 1"],
    ["export", "articles"],
    ["watch", "--domain", "courier.example", "--dry-run"],
)
# A program whose coverage is measured loads more than it asks for.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
PROGRAM = """
import json, sys
from newsdedup.cli import main
commands, slow = json.loads(sys.argv[1])
for command in commands:
    main(command, standalone_mode=False)
    print(json.dumps([command, [name for name in slow if name in sys.modules]]), file=sys.stderr)
"""


def loaded_by(slow: set[str], *commands: list[str]) -> list[list[list[str]]]:
    """Each command, and which of the modules this one process had loaded when it ended."""
    asked = json.dumps([commands, sorted(slow)])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, asked], check=True, capture_output=True, text=True, env=ENVIRONMENT
    )
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("[[")]


def test_no_list_waits_for_what_it_does_not_need(database: Path) -> None:
    commands = [[*command, "--database", str(database)] for command in LISTS]
    assert loaded_by(SLOW, *commands) == [[command, []] for command in commands]


def test_a_pair_loads_what_aligns_it_and_no_more(database: Path) -> None:
    command = ["pair", "1", "2", "--database", str(database)]
    assert loaded_by(SLOW - ALIGNS, command) == [[command, []]]
    assert loaded_by(ALIGNS, command) == [[command, sorted(ALIGNS)]]


def test_help_needs_no_database() -> None:
    program = "import sys, newsdedup.cli; sys.exit(any(name in sys.modules for name in sys.argv[1:]))"
    command = [sys.executable, "-c", program, *SLOW, "sqlalchemy", "rich"]
    assert subprocess.run(command, check=False, env=ENVIRONMENT).returncode == 0


def test_the_live_pages_draw_the_graph_when_somebody_looks_at_it() -> None:
    program = "import sys, newsdedup.serve.app; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, env=ENVIRONMENT).returncode == 0


def test_the_process_that_fetches_loads_no_extractor() -> None:
    loads = "import crawler.spiders.news, crawler.pipelines, crawler.downloader, newsdedup.jobs.crawl_process, sys"
    program = f"{loads}; print(sorted({{'htmldate', 'trafilatura'}} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.stdout.strip() == "[]"


INTERRUPTED = """
import os, signal, sys
from newsdedup.start import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run as a job in the background

class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

module = sys.argv.pop(1)
sys.meta_path.insert(0, AtImport())
main()
"""


@pytest.mark.parametrize(
    "module", ["click", "newsdedup.cli", "newsdedup.cli.doctor", "newsdedup.jobs.doctor", "sqlalchemy"]
)
def test_ctrl_c_ends_a_program_that_still_loads_with_one_line(module: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        INTERRUPTED,
        module,
        "doctor",
        "--database",
        f"sqlite:///{tmp_path}/n.db",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT)
    assert (done.returncode, done.stdout, done.stderr.split()) == (130, "", ["interrupted"])


def test_wrong_use_has_the_exit_code_it_is_documented_to_have(tmp_path: Path) -> None:
    no_such = run("no-such-command")
    no_database = run("clusters", "--database", f"sqlite:///{tmp_path}/no/such.db")
    assert (no_such.exit_code, no_database.exit_code) == (2, 1)
    assert "No such command 'no-such-command'" in no_such.stderr
