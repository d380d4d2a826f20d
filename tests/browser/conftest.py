"""A browser, and the demo newsroom's report to look at with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from tests.support.browser import running_browser
from tests.support.hostile import hostile_database as make_hostile_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


# Not longer than a module: Playwright keeps an event loop, and other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "demo.db"
    result = CliRunner().invoke(main, ["demo", "--database", str(path)])
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def demo_report(demo_database: Path) -> Path:
    folder = demo_database.with_name("report")
    result = CliRunner().invoke(
        main, ["report", "html", "--database", str(demo_database), "--output", str(folder)]
    )
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def hostile_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_hostile_database(tmp_path_factory.mktemp("hostile"))
