"""What a crawl of the demo newsroom should find: pairs, clusters, what must stay apart, what must not be stored.

Must not compare texts: the expectations were written down by hand, beside the articles.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dedup.values import Label, Relation
from newsdedup.demo.content import data_dir
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ExpectedPair:
    """Two articles, by key, that are copies; ``a < b``.

    `labels` are the acceptable ones, best first. An implied pair follows from others of its cluster and may be
    left out, as where equal texts are written as a star.
    """

    a: str
    b: str
    labels: tuple[Label, ...]
    relation: Relation
    joins_cluster: bool
    is_implied: bool


@dataclass(frozen=True, slots=True)
class ExpectedCluster:
    """Articles, by key, sorted, that are one story; `canonical` came first."""

    members: tuple[str, ...]
    canonical: str


@dataclass(frozen=True, slots=True)
class KeptApart:
    """Two articles, by key, that resemble each other and are not copies; ``a < b``."""

    a: str
    b: str
    why: str


@dataclass(frozen=True, slots=True)
class ExpectedSkip:
    """A page that must be refused, by article key or address, and why."""

    page: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Expectations:
    """Everything that is to be found in the newsroom, and nothing else."""

    pairs: tuple[ExpectedPair, ...]
    clusters: tuple[ExpectedCluster, ...]
    apart: tuple[KeptApart, ...]
    skips: tuple[ExpectedSkip, ...]


@cache
def load_expectations() -> Expectations:
    """The ground truth that comes with the newsroom."""
    data = tomllib.loads((data_dir() / "expected.toml").read_text("utf-8"))
    return Expectations(
        pairs=tuple(_pair(table) for table in data["pair"]),
        clusters=tuple(_cluster(table) for table in data["cluster"]),
        apart=tuple(_apart(table) for table in data["apart"]),
        skips=tuple(ExpectedSkip(table["page"], SkipReason(table["reason"])) for table in data["skip"]),
    )


def _pair(table: Mapping[str, Any]) -> ExpectedPair:
    a, b = sorted((table["a"], table["b"]))
    return ExpectedPair(
        a=a,
        b=b,
        labels=tuple(Label(label) for label in table["labels"]),
        relation=Relation(table.get("relation", Relation.COPY)),
        joins_cluster=table.get("joins_cluster", True),
        is_implied=table.get("is_implied", False),
    )


def _cluster(table: Mapping[str, Any]) -> ExpectedCluster:
    return ExpectedCluster(tuple(sorted(table["members"])), table["canonical"])


def _apart(table: Mapping[str, Any]) -> KeptApart:
    a, b = sorted((table["a"], table["b"]))
    return KeptApart(a=a, b=b, why=table["why"])
