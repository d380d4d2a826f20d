from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import SQLAlchemyError

from dedup import DedupConfig
from dedup.values import Label
from storage.cluster_lists import count_clusters, list_clusters
from storage.engine import reading_sessions
from storage.errors import StorageError
from storage.ingest import resolve_pending, store_articles
from storage.models import DuplicatePair, Setting
from storage.pair_lists import count_pairs, list_pairs
from storage.spun import other_carriers
from storage.values import ClusterFilter, ClusterOrder, PairFilter, Review
from tests.support.articles import START, article, copies
from tests.support.lighthouse import SPUN, STORY

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


@pytest.mark.parametrize("first", ["original", "copies"])
def test_of_a_spun_text_every_article_that_carries_it_is_told(sessions: Sessions, first: str) -> None:
    texts = [(1, STORY, 0), (2, SPUN, 1), (3, SPUN, 2), (4, SPUN, 3)]
    articles = [
        article(number, words, published_at=START + timedelta(days=day), host=f"site{number}.test")
        for number, words, day in texts
    ]
    ordered = articles if first == "original" else [articles[2], articles[1], articles[0], articles[3]]
    for one in ordered:
        store_articles(sessions, [one], DedupConfig())
        resolve_pending(sessions, DedupConfig())
    with sessions() as session:
        (pair,) = list_pairs(session, PairFilter(label=Label.SPUN))
        others = other_carriers(session)[pair.low_id, pair.high_id]
        assert {pair.source_low, pair.source_high, *others} == {"Site1", "Site2", "Site3", "Site4"}
        assert len(others) == 2
        for number in range(1, 5):
            assert count_pairs(session, PairFilter(label=Label.SPUN, source=f"site{number}.test")) == 1
        spun = session.execute(text("SELECT original_source, spun_source FROM v_spun ORDER BY spun_source"))
        assert [tuple(row) for row in spun] == [("Site1", f"Site{number}") for number in (2, 3, 4)]
    with sessions.begin() as session:
        session.execute(
            update(DuplicatePair)
            .where(DuplicatePair.label == Label.EXACT)
            .values(review="rejected", reviewed_at=START)
        )
    with sessions() as session:
        assert other_carriers(session) == {}
