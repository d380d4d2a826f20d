"""Adds the lists of a seed file to those that are asked when they are due; asks none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.seeds import load_seeds
from crawler.sources import lists_of_seed
from storage.feeds import upsert_feeds

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine import Sessions


def add_feeds(sessions: Sessions, path: str, now: datetime) -> int:
    """Remember every feed, sitemap and section page of a seed file, with its interval; how many there are. Writes.

    Raises:
        SeedsError: the file cannot be used; the message names what is wrong.
        StorageError: the database cannot be written.
    """
    feeds = [feed for seed in load_seeds(path).sources for feed in lists_of_seed(seed)]
    with sessions.begin() as session:
        upsert_feeds(session, feeds, now)
    return len(feeds)
