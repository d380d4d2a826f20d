"""Which pairs tell of a copy of one's own article, and of which.

Of articles with equal texts one alone is compared with others, and a pair ties each of the rest to it: what a pair
says of an article, it says of all that hold the same text. Must not call a text a copy that no stored pair calls so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.urls import host_of
from dedup.values import Label, Relation
from newsdedup.reports.watch import OwnCopy
from storage.articles import load_articles
from storage.details import pair_detail
from storage.pairs import pairs_of
from storage.values import Review
from storage.watching import equal_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from storage.values import PairSummary, StoredPair
    from storage.watching import Located


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose articles these are: hosts of one's own, and those that may copy."""

    domains: tuple[str, ...]
    licensed: tuple[str, ...] = ()

    def own_of(self, articles: Iterable[Located]) -> int | None:
        """The first of these articles that is one's own."""
        return next((one.id for one in articles if is_within(host_of(one.url), self.domains)), None)

    def copies_of(self, articles: Iterable[Located]) -> list[int]:
        """Those of these articles that are neither one's own nor licensed."""
        return [one.id for one in articles if not is_within(host_of(one.url), self.domains + self.licensed)]


@dataclass(frozen=True, slots=True)
class _Known:
    """For articles all that hold the same text, and the pairs of those that others tied to them by equal texts."""

    twins: Mapping[int, tuple[Located, ...]]
    edges: Mapping[int, Collection[tuple[int, int]]]


def own_copies(session: Session, pairs: Collection[PairSummary], owner: Owner) -> tuple[OwnCopy, ...]:
    """The copies that these pairs tell of, in their order, each once.

    Pairs whose likely original is the other article, revisions, and pairs that an analyst rejected are left out.
    """
    known = _read(session, pairs, owner)
    found: dict[tuple[int, int], OwnCopy] = {}
    for pair in pairs:
        if pair.relation is not Relation.REVISION and pair.review is not Review.REJECTED:
            for copy in _told_by(session, pair, known, owner):
                found.setdefault((copy.own.id, copy.copy.id), copy)
    return tuple(found.values())


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of the domains or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _read(session: Session, pairs: Collection[PairSummary], owner: Owner) -> _Known:
    twins = equal_texts(session, {number for pair in pairs for number in (pair.low_id, pair.high_id)})
    groups = (twins[pair.low_id] for pair in pairs if pair.label is Label.EXACT)
    strangers = {one.id for group in groups if owner.own_of(group) is None for one in group}
    edges: dict[int, list[tuple[int, int]]] = {}
    for low, high in sorted(pairs_of(session, strangers)):
        for number in strangers & {low, high}:
            edges.setdefault(number, []).append((low, high))
    ends = {number for some in edges.values() for edge in some for number in edge}
    return _Known({**equal_texts(session, ends), **twins}, edges)


def _told_by(session: Session, pair: PairSummary, known: _Known, owner: Owner) -> Iterator[OwnCopy]:
    key = pair.low_id, pair.high_id
    sides = {number: known.twins[number] for number in key}
    if pair.label is Label.EXACT:
        sides = {number: tuple(one for one in sides[number] if one.id == number) for number in key}
        if owner.own_of((*sides[pair.low_id], *sides[pair.high_id])) is None:
            yield from _told_by_newcomer(session, key, known, owner)
            return
    for mine, other in (key, key[::-1]):
        own = owner.own_of(sides[mine])
        if own is not None and owner.own_of(sides[other]) is None:
            yield from _copies(session, key, mine, own, owner.copies_of(sides[other]))


def _told_by_newcomer(
    session: Session, key: tuple[int, int], known: _Known, owner: Owner
) -> Iterator[OwnCopy]:
    """An article of others with a text that is known already; what that text is a copy of, it copies too."""
    group = known.twins[key[0]]
    newcomer = owner.copies_of(one for one in group if one.id == key[1])
    own = owner.own_of(group)
    if own is not None:
        yield from _copies(session, key, key[0], own, newcomer)
        return
    inside = {one.id for one in group}
    for edge in sorted({edge for number in inside for edge in known.edges.get(number, ())}):
        outside = next((number for number in edge if number not in inside), None)
        own = None if outside is None else owner.own_of(known.twins[outside])
        if own is None or outside is None:
            continue
        if found := list(_copies(session, edge, outside, own, newcomer, found_by=key)):
            yield from found
            return


def _copies(
    session: Session,
    key: tuple[int, int],
    mine: int,
    own: int,
    copies: Collection[int],
    *,
    found_by: tuple[int, int] | None = None,
) -> Iterator[OwnCopy]:
    stored = pair_detail(session, *key) if copies else None
    if stored is None or not _speaks_for(stored, mine):
        return
    articles = load_articles(session, {own, *copies})
    measures, is_low = stored.measures, mine == stored.article_a.id
    for number in copies:
        yield OwnCopy(
            own=articles[own],
            copy=articles[number],
            label=stored.label,
            containment_own=measures.containment_a if is_low else measures.containment_b,
            replaced_ratio=measures.replaced_ratio,
            credit=stored.credit,
            found_at=stored.found_at,
            pair=found_by or key,
        )


def _speaks_for(stored: StoredPair, mine: int) -> bool:
    """Whether the pair may show a copy of ``mine``: no revision, not rejected, and not the other one's copy."""
    is_copy = stored.relation is not Relation.REVISION and stored.review is not Review.REJECTED
    return is_copy and stored.likely_original_id in {None, mine}
