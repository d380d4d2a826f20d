"""Where each page lies: the same path in a folder and on the server, relative to the report's root.

Must not know what is on a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable

OVERVIEW, CLUSTERS, PAIRS, SOURCES = "index.html", "clusters.html", "pairs.html", "sources.html"
NAVIGATION = (("Overview", OVERVIEW), ("Clusters", CLUSTERS), ("Evidence", PAIRS), ("Sources", SOURCES))
ROWS_A_PAGE = 100
_NEIGHBOURS = 2


def cluster_page(cluster_id: int) -> str:
    """Path of a cluster's page."""
    return f"clusters/{cluster_id}.html"


def pair_page(low_id: int, high_id: int) -> str:
    """Path of a pair's evidence page."""
    return f"pairs/{low_id}-{high_id}.html"


def list_page(first: str, number: int) -> str:
    """Path of a page of a list on disk; the first has the plain name.

    >>> list_page("clusters.html", 2)
    'clusters-2.html'
    """
    return first if number == 1 else f"{first.removesuffix('.html')}-{number}.html"


def clusters_of(**wanted: str) -> str:
    """Path of the live list of clusters, filtered."""
    return f"{CLUSTERS}?{urlencode(wanted)}"


def pairs_of(**wanted: str) -> str:
    """Path of the live list of duplicate pairs, filtered."""
    return f"{PAIRS}?{urlencode(wanted)}"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list a page shows; ``address`` gives the path of a page by its number, from 1."""

    number: int
    total: int
    address: Callable[[int], str]
    size: int = ROWS_A_PAGE

    @property
    def page_count(self) -> int:
        """Pages of the list, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def steps(self) -> tuple[int | None, ...]:
        """Numbers of the pages to link: the ends and the neighbours, None where some are left out.

        >>> Paging(5, 1000, str).steps
        (1, None, 3, 4, 5, 6, 7, None, 10)
        """
        shown = [
            number
            for number in range(1, self.page_count + 1)
            if number in {1, self.page_count} or abs(number - self.number) <= _NEIGHBOURS
        ]
        steps: list[int | None] = []
        for number in shown:
            if steps and number - (steps[-1] or 0) > 1:
                steps.append(None)
            steps.append(number)
        return tuple(steps)
