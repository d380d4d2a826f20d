"""Proves that a database keeps its promises: clusters, index, orphans; repairs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, cast, func, select, text

from storage.clusters import check_clusters
from storage.engine import is_sqlite
from storage.index.checks import check_index
from storage.models import Article, Cluster, DuplicatePair, Signature
from storage.search.checks import check_search
from storage.settings import read_setting
from storage.signatures import FINGERPRINT_SETTING
from storage.values import ClusterState, IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

_EXAMPLES = 5


def check_database(
    session: Session, on_progress: Callable[[str], None] | None = None
) -> tuple[IntegrityProblem, ...]:
    """Everything that is wrong, nothing if all is well; reads whole tables.

    Stored clusters must equal the connected components of the joining pairs; the index must hold exactly the
    buckets of the signatures that say so, the search index the words of the articles; nothing may refer to what is not there.
    """
    checks: tuple[tuple[str, Callable[[Session], Iterator[IntegrityProblem]]], ...] = (
        ("file", _check_file),
        ("signatures", _check_signatures),
        ("representatives", _check_representatives),
        ("index", check_index),
        ("search", check_search),
        ("pairs", _check_pairs),
        ("clusters", lambda session: iter(check_clusters(session))),
    )
    problems: list[IntegrityProblem] = []
    for name, check in checks:
        if on_progress is not None:
            on_progress(name)
        problems += check(session)
    return tuple(problems)


def _check_file(session: Session) -> Iterator[IntegrityProblem]:
    if not is_sqlite(session):
        return
    for (message,) in session.execute(text("PRAGMA quick_check(10)")):
        if message != "ok":
            yield IntegrityProblem("file is damaged", message)
    for table, row, parent, _ in session.execute(text("PRAGMA foreign_key_check")).fetchmany(_EXAMPLES):
        yield IntegrityProblem("foreign key", f"row {row} of {table} refers to no row of {parent}")


def _check_signatures(session: Session) -> Iterator[IntegrityProblem]:
    query = (
        select(Article.id)
        .outerjoin(Signature, Signature.article_id == Article.id)
        .where(Signature.article_id.is_(None))
        .limit(_EXAMPLES)
    )
    for article_id in session.scalars(query):
        yield IntegrityProblem("article without a signature", f"article {article_id}")


def _check_representatives(session: Session) -> Iterator[IntegrityProblem]:
    # A text that was pruned before a re-index keeps its old signature, outside of the index.
    fingerprint = read_setting(session, FINGERPRINT_SETTING)
    if not isinstance(fingerprint, str):
        return
    is_current = Signature.signature_fingerprint == fingerprint
    strays = select(Signature.article_id).where(~is_current, Signature.is_indexed).limit(_EXAMPLES)
    for article_id in session.scalars(strays):
        yield IntegrityProblem("signature of another configuration in the index", f"article {article_id}")
    query = (
        select(Article.text_hash, func.count(), func.min(Article.id))
        .join(Signature, Signature.article_id == Article.id)
        .where(Article.word_count > 0, is_current)
        .group_by(Article.text_hash)
        .having(func.sum(cast(Signature.is_indexed, Integer)) != 1)
    )
    for text_hash, count, article_id in session.execute(query.limit(_EXAMPLES)):
        yield IntegrityProblem(
            "equal texts without exactly one in the index",
            f"{count} texts {text_hash}, first article {article_id}",
        )


def _check_pairs(session: Session) -> Iterator[IntegrityProblem]:
    ids = select(Article.id)
    query = select(DuplicatePair.low_id, DuplicatePair.high_id).where(
        DuplicatePair.low_id.not_in(ids) | DuplicatePair.high_id.not_in(ids)
    )
    for low_id, high_id in session.execute(query.limit(_EXAMPLES)):
        yield IntegrityProblem("pair of no article", f"articles {low_id} and {high_id}")
    heirs = select(Cluster.id).where(
        Cluster.merged_into_id.is_not(None), Cluster.state == ClusterState.ACTIVE
    )
    for cluster_id in session.scalars(heirs.limit(_EXAMPLES)):
        yield IntegrityProblem("active cluster that was merged", f"cluster {cluster_id}")
