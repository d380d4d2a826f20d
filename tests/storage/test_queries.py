from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.run_queries import PAGE, answered, crawl_demonstration

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_shows_what_its_queries_give(tmp_path: Path) -> None:
    page = PAGE.read_text()
    assert len(re.findall(r"```sql\n", page)) >= 15
    assert answered(page, crawl_demonstration(tmp_path)) == page
