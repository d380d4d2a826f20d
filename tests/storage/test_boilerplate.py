"""What a source repeats is learnt in SQL as articles come, and a re-index knows what file mode knows."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from dedup import DedupConfig, find_duplicates
from dedup.boilerplate import MANY_ARTICLES, LineCount, mark_boilerplate
from dedup.lines import line_words
from dedup.values import Cluster, DedupResult, Document, DuplicatePair
from newsdedup.jobs.file_mode import FileModeRequest, cluster_lines, pair_lines, run_file_mode
from storage.articles import stream_articles
from storage.boilerplate import count_boilerplate
from storage.checks import check_database
from storage.cluster_lists import list_clusters
from storage.details import cluster_detail, pair_detail
from storage.documents import load_documents
from storage.index import document_id
from storage.ingest import resolve_pending, store_articles
from storage.models import ArticleVersion, SourceLine
from storage.pair_lists import list_pairs
from storage.reindex import reindex
from storage.upkeep import forget_articles, prune_texts
from storage.values import FetchOutcome, Source
from tests.support.articles import START, article
from tests.support.stories import edit_story, make_story, spin_story

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from storage.engine import Sessions
    from storage.values import Article

CONFIG = DedupConfig()
NOW = START + timedelta(days=2)
FOOTER = """\
Sign up for our morning newsletter and never miss the stories that matter to you and to your family.
The Example Courier is an independent paper owned by its readers, and it has been so since it was founded.
All rights reserved; no part of this page may be published, broadcast or rewritten without our consent."""
DISCLAIMER = "\n".join(
    f"Rule {number}: the {noun} of this page may not be used for any {noun} other than what our readers would call a {noun}."
    for number, noun in enumerate(
        ["text", "photo", "table", "name", "letter", "chart", "map", "video", "quote", "list"]
    )
)


def _corpus() -> list[Article]:
    """Stories under a footer, their copies under a longer disclaimer, briefs under nothing but it, and a collection."""
    stories = [make_story(seed, 8) for seed in range(24)]
    ours = [f"{one}\n{FOOTER}" for one in stories[:12]]
    changed = [(one, spin_story(one), edit_story(one, 3))[place % 3] for place, one in enumerate(stories)]
    theirs = [f"{one}\n{DISCLAIMER}" for one in changed[6:18]]
    briefs = [f"{make_story(seed, 2)}\n{DISCLAIMER}" for seed in range(100, 100 + MANY_ARTICLES)]
    revised = [f"{edit_story(stories[0], 5, 0.03)}\nUpdated at noon\n{FOOTER}"]
    made = [
        article(place, words, host=host)
        for place, (host, words) in enumerate(
            [
                *(("courier.test", words) for words in [*ours, *revised]),
                *(("copy.test", words) for words in theirs),
                *(("briefs.test", words) for words in briefs),
            ],
            start=1,
        )
    ]
    nameless = Source("lines", "import:///lines.jsonl", "lines.import")
    return made + [
        replace(article(200 + seed, f"{stories[seed]}\n{FOOTER}"), source=nameless) for seed in (3, 9, 20)
    ]


def _import(sessions: Sessions, articles: list[Article], batch_size: int) -> None:
    for start in range(0, len(articles), batch_size):
        store_articles(sessions, articles[start : start + batch_size], CONFIG)
        resolve_pending(sessions, CONFIG, batch_size=batch_size)


def _in_database(session: Session) -> DedupResult:
    pairs = []
    for summary in list_pairs(session):
        stored = pair_detail(session, summary.low_id, summary.high_id)
        assert stored is not None
        pairs.append(
            DuplicatePair(
                document_id(summary.low_id),
                document_id(summary.high_id),
                stored.label,
                stored.relation,
                stored.joins_cluster,
                stored.measures,
                stored.reason,
                stored.credit,
                None if stored.likely_original_id is None else document_id(stored.likely_original_id),
                stored.direction_reason,
            )
        )
    clusters = []
    for one in list_clusters(session):
        detail = cluster_detail(session, one.id)
        assert detail is not None
        members = tuple(sorted(document_id(member.article.id) for member in detail.members))
        clusters.append(
            Cluster(members[0], document_id(one.canonical_id), one.canonical_reason, members, one.labels)
        )
    pairs.sort(key=lambda pair: (pair.id_a, pair.id_b))
    clusters.sort(key=lambda cluster: cluster.cluster_id)
    return DedupResult(tuple(pairs), tuple(clusters), 0, 0, 0, 0)


def _by_file_mode(sessions: Sessions, folder: Path) -> tuple[bytes, bytes, DedupResult]:
    lines = []
    with sessions() as session:
        for one in stream_articles(session):
            stated = {
                "id": document_id(one.id),
                "text": one.text,
                "title": one.title,
                "url": one.url if one.source.is_publisher else None,
                "source": one.source.name if one.source.is_publisher else None,
                "published_at": None if one.published_at is None else f"{one.published_at:%Y-%m-%dT%H:%MZ}",
                "language": one.language,
            }
            lines.append(json.dumps(stated))
    random.Random(4).shuffle(lines)  # noqa: S311 -- an order, not a secret
    (folder / "in.jsonl").write_text("\n".join(lines))
    request = FileModeRequest(str(folder / "in.jsonl"), str(folder / "pairs"), str(folder / "clusters"))
    report = run_file_mode(request, CONFIG, lambda problem: pytest.fail(str(problem)))
    return (folder / "pairs").read_bytes(), (folder / "clusters").read_bytes(), report.result


@pytest.mark.parametrize(("order", "batch_size"), [(0, 7), (1, 40), (2, 500)])
def test_a_re_index_gives_what_file_mode_gives_byte_for_byte(
    sessions: Sessions, tmp_path: Path, order: int, batch_size: int
) -> None:
    articles = _corpus()
    random.Random(order).shuffle(articles)  # noqa: S311 -- an order, not a secret
    _import(sessions, articles, batch_size)
    reindex(sessions, CONFIG, batch_size=17)
    pairs, clusters, expected = _by_file_mode(sessions, tmp_path)
    with sessions() as session:
        found = _in_database(session)
        assert check_database(session) == ()
        assert count_boilerplate(session).late_article_count == 0
    assert "".join(pair_lines(found)).encode() == pairs
    assert "".join(cluster_lines(found)).encode() == clusters
    assert found.pairs == expected.pairs, "the evidence is the same, too"
    assert len(found.pairs) == 9, "six copies, a revision, two of the collection"
    ids = {document_id(one) for one in _numbers(sessions, "briefs.test")}
    assert not any({pair.id_a, pair.id_b} <= ids for pair in found.pairs), "briefs share a disclaimer alone"


@pytest.mark.parametrize("order", [1, 2])
def test_after_a_re_index_it_does_not_matter_in_which_order_articles_came(
    sessions: Sessions, order: int
) -> None:
    articles = _corpus()
    documents = [
        Document(
            one.url,
            one.text,
            source=one.source.name if one.source.is_publisher else None,
            url=one.url if one.source.is_publisher else None,
            published_at=one.published_at,
            published_precision=one.published_precision,
        )
        for one in articles
    ]
    in_memory = find_duplicates(documents, CONFIG)
    random.Random(order).shuffle(articles)  # noqa: S311 -- an order, not a secret
    _import(sessions, articles, 40)
    reindex(sessions, CONFIG)
    with sessions() as session:
        url_of = {document_id(one.id): one.url for one in stream_articles(session)}
        found = _in_database(session)
    expected_pairs, pairs = _by_address(in_memory), _by_address(found, url_of)
    assert pairs == expected_pairs, "with all evidence"
    assert len(pairs) == 9


def _by_address(result: DedupResult, url_of: Mapping[str, str] | None = None) -> list[DuplicatePair]:
    """Every pair, the lower address first, whatever numbers the articles have."""
    names = url_of or {one: one for pair in result.pairs for one in (pair.id_a, pair.id_b)}
    pairs = []
    for pair in result.pairs:
        url_a, url_b = names[pair.id_a], names[pair.id_b]
        original = pair.likely_original_id and names[pair.likely_original_id]
        measures = pair.measures if url_a < url_b else pair.measures.turned()
        low, high = sorted((url_a, url_b))
        pairs.append(replace(pair, id_a=low, id_b=high, likely_original_id=original, measures=measures))
    return sorted(pairs, key=lambda pair: (pair.id_a, pair.id_b))


def _numbers(sessions: Sessions, host: str) -> list[int]:
    with sessions() as session:
        return [one.id for one in stream_articles(session) if one.source.host == host]


def _lines(sessions: Sessions) -> dict[tuple[str, int], LineCount]:
    with sessions() as session:
        rows = session.execute(
            text(
                "SELECT s.host, l.line_hash, l.article_count, l.unrelated_count "
                "FROM source_line AS l JOIN source AS s ON s.id = l.source_id"
            )
        )
        return {(host, line): LineCount(articles, unrelated) for host, line, articles, unrelated in rows}


def test_boilerplate_known_before_is_left_out_of_what_comes_later(sessions: Sessions) -> None:
    texts = [f"{make_story(seed)}\n{FOOTER}" for seed in range(5)]
    _import(sessions, [article(n, one, host="c.test") for n, one in enumerate(texts)], 2)
    with sessions() as session:
        marked = [document for document, _ in load_documents(session, range(1, 6)).values()]
        counts = count_boilerplate(session)
    assert [set(one.boilerplate) for one in marked] == [set(line_words(FOOTER))] * 5
    assert (counts.line_count, counts.late_article_count) == (3, 6), "two articles were signed with all three"
    plain, under_footer = make_story(40), f"{make_story(40)}\n{FOOTER}"
    _import(sessions, [article(8, plain), article(9, under_footer, host="c.test")], 1)
    with sessions() as session:
        [pair] = list_pairs(session)
    assert pair.label == "exact"
    reindex(sessions, CONFIG)
    with sessions() as session:
        assert count_boilerplate(session).late_article_count == 0
        assert [one.label for one in list_pairs(session)] == ["exact"]


def test_a_batch_learns_before_it_is_signed(sessions: Sessions) -> None:
    texts = [f"{make_story(seed, 2)}\n{DISCLAIMER}" for seed in range(MANY_ARTICLES)]
    _import(sessions, [article(n, one, host="c.test") for n, one in enumerate(texts)], 500)
    with sessions() as session:
        assert list_pairs(session) == ()
        assert count_boilerplate(session).late_article_count == 0


def test_counts_in_sql_are_those_of_counting_in_memory(sessions: Sessions) -> None:
    articles = _corpus()
    _import(sessions, articles, 9)
    learnt = _lines(sessions)
    with sessions() as session:
        stored = [(one.source.host, one.text or "") for one in stream_articles(session)]
        documents = [
            Document(document_id(one.id), one.text or "", source=one.source.name)
            for one in stream_articles(session)
            if one.source.is_publisher
        ]
    reindex(sessions, CONFIG)
    anew = _lines(sessions)
    assert anew.keys() == learnt.keys()
    assert {host for host, _ in anew} == {"courier.test", "copy.test", "briefs.test"}
    assert {line for host, line in anew if host == "copy.test"} == {
        line for host, words in stored if host == "copy.test" for line in line_words(words)
    }
    with sessions() as session:
        marked = {document.id: document.boilerplate for document in mark_boilerplate(documents)}
        loaded = load_documents(session, map(int, marked))
    assert {document.id: document.boilerplate for document, _ in loaded.values()} == marked


def test_the_same_text_fetched_again_is_no_version_though_its_boilerplate_is_known_by_now(
    sessions: Sessions,
) -> None:
    articles = [article(n, f"{make_story(n)}\n{FOOTER}", host="c.test") for n in range(4)]
    _import(sessions, articles, 1)
    before = _lines(sessions)
    counts = store_articles(sessions, articles, CONFIG)
    assert {outcome for _, outcome in counts.outcomes} == {FetchOutcome.UNCHANGED}
    resolve_pending(sessions, CONFIG)
    with sessions() as session:
        assert session.scalars(select(ArticleVersion)).all() == []
        assert check_database(session) == ()
    assert _lines(sessions) == before
    again = replace(articles[0], text=f"{articles[0].text}\nFinal score 12 : 3", fetched_at=NOW)
    assert store_articles(sessions, [again], CONFIG).updated_count == 1


def test_forgetting_takes_the_lines_along_and_counts_the_rest_anew(sessions: Sessions) -> None:
    articles = [article(n, f"{make_story(n)}\n{FOOTER}", host="c.test") for n in range(4)]
    revised = replace(articles[3], text=f"{make_story(50)}\n{FOOTER}", fetched_at=NOW)
    others = [article(n, f"{make_story(n)}\n{FOOTER}", host="d.test") for n in range(20, 24)]
    _import(sessions, [*articles, revised, *others], 500)
    _import(sessions, [revised], 500)
    forget_articles(sessions, [4], NOW)
    left = _lines(sessions)
    gone = line_words(f"{make_story(3)}\n{make_story(50)}").keys()
    assert not gone & {line for _, line in left}
    assert {left["c.test", line] for line in line_words(FOOTER)} == {LineCount(3, 3)}
    assert {left["d.test", line] for line in line_words(FOOTER)} == {LineCount(4, 4)}
    forget_articles(sessions, [1, 2, 3], NOW)
    assert {host for host, _ in _lines(sessions)} == {"d.test"}


def test_what_was_learnt_from_pruned_texts_stays_known(sessions: Sessions) -> None:
    articles = [article(n, f"{make_story(n)}\n{FOOTER}", host="c.test") for n in range(4)]
    _import(sessions, articles, 500)
    before = _lines(sessions)
    assert prune_texts(sessions, NOW).article_count == 4
    assert _lines(sessions) == before
    _import(sessions, [article(9, f"{make_story(9)}\n{FOOTER}", host="c.test")], 1)
    with sessions() as session:
        [(document, _)] = load_documents(session, [5]).values()
        assert session.scalars(select(SourceLine).where(SourceLine.article_count == 5)).all()
    assert document.boilerplate == line_words(FOOTER).keys()
