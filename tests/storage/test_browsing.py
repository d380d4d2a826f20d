from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from dedup import DedupConfig
from dedup.values import Label
from storage.cluster_lists import count_clusters, list_clusters
from storage.engine import reading_sessions
from storage.errors import StorageError
from storage.ingest import resolve_pending, store_articles
from storage.models import DuplicatePair, Setting
from storage.pair_lists import count_pairs, list_pairs
from storage.values import ClusterFilter, ClusterOrder, PairFilter, Review
from tests.support.articles import START, copies

if TYPE_CHECKING:
    from storage.engine import Sessions

LATER = datetime(2100, 1, 1, tzinfo=UTC)
WANTED = [
    (PairFilter(), 7),
    (PairFilter(limit=2), 7),
    (PairFilter(label=Label.EXACT), 0),
    (PairFilter(source="site20.test"), 1),
    (PairFilter(source="SITE10"), 3),
    (PairFilter(text="headline 20"), 1),
    (PairFilter(text="100%"), 0),
    (PairFilter(since=LATER), 0),
    (PairFilter(until=LATER), 7),
    (PairFilter(until=START), 0),
    (PairFilter(review=Review.REJECTED), 1),
]


@pytest.fixture
def filled(sessions: Sessions) -> Sessions:
    """A story of four articles, then one of two."""
    store_articles(sessions, [*copies(1, 4, 10), *copies(2, 2, 20)], DedupConfig())
    resolve_pending(sessions, DedupConfig())
    return sessions


def test_clusters_come_latest_or_biggest_first_and_are_counted(filled: Sessions) -> None:
    with filled() as session:
        sizes = [
            [cluster.member_count for cluster in list_clusters(session, ClusterFilter(order=order))]
            for order in (ClusterOrder.LATEST, ClusterOrder.BIGGEST)
        ]
        assert sizes == [[2, 4], [4, 2]]
        assert count_clusters(session) == 2
        assert count_clusters(session, ClusterFilter(min_size=3, limit=1, offset=7)) == 1
        assert count_clusters(session, ClusterFilter(source="site20.test")) == 1


def test_pairs_are_filtered_and_counted_alike(filled: Sessions) -> None:
    with filled.begin() as session:
        first = list_pairs(session)[0]
        row = session.get(DuplicatePair, (first.low_id, first.high_id))
        assert row is not None
        row.review, row.reviewed_at = Review.REJECTED, START
    with filled() as session:
        for wanted, count in WANTED:
            assert count_pairs(session, wanted) == count, wanted
            assert len(list_pairs(session, wanted)) == min(count, wanted.limit or count), wanted


def test_reading_sessions_read_and_cannot_write(filled: Sessions) -> None:
    reading = reading_sessions(filled)
    with reading() as session:
        assert count_clusters(session) == 2
    with pytest.raises(StorageError, match="only read"):
        reading.begin()
    with pytest.raises((StorageError, SQLAlchemyError), match=r"(?i)read-?only"), reading() as session:
        session.execute(insert(Setting).values(name="x", value=1))
    with filled.begin() as session:
        session.execute(insert(Setting).values(name="x", value=1))
