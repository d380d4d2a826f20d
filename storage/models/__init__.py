"""All tables, in one place for queries and for migrations; holds no query."""

from storage.models.article import (
    Article,
    ArticleSighting,
    ArticleVersion,
    Setting,
    Signature,
    SourceLine,
)
from storage.models.base import Base, UtcDateTime
from storage.models.crawl import CrawlRun, CrawlUrl, Feed, FetchEvent, ImportedFile, Lease, Source
from storage.models.duplicates import Cluster, ClusterEvent, ClusterMember, DuplicatePair
from storage.models.index import BandHot, BandPage, BandRecent, BandSegment, HotBucket

__all__ = [
    "Article",
    "ArticleSighting",
    "ArticleVersion",
    "BandHot",
    "BandPage",
    "BandRecent",
    "BandSegment",
    "Base",
    "Cluster",
    "ClusterEvent",
    "ClusterMember",
    "CrawlRun",
    "CrawlUrl",
    "DuplicatePair",
    "Feed",
    "FetchEvent",
    "HotBucket",
    "ImportedFile",
    "Lease",
    "Setting",
    "Signature",
    "Source",
    "SourceLine",
    "UtcDateTime",
]
