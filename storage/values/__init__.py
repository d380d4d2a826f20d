"""The values that storage takes and gives; rows never leave the package.

Frozen and without behaviour beyond derived ratios: nothing here reads a clock, a database or the network.
"""

from storage.values.articles import (
    NO_PUBLISHER,
    Article,
    FoundArticle,
    ResolveCounts,
    Source,
    StoreCounts,
    StoredArticle,
)
from storage.values.crawling import FeedRecord, FetchEvent, JsonValue, RunRecord
from storage.values.duplicates import (
    ClusterDetail,
    ClusterEvent,
    ClusterFilter,
    ClusterMember,
    ClusterSummary,
    PairFilter,
    PairSummary,
    StoredPair,
)
from storage.values.frontier import ClaimedUrl, FoundUrl, FrontierUrl, SettledUrl, SlugEvidence
from storage.values.summaries import CopyEdge, CorpusSummary, IntegrityProblem, SourceSummary, TableSize
from storage.values.words import (
    ClusterEventKind,
    ClusterOrder,
    ClusterState,
    CrawlUrlState,
    DedupState,
    FeedKind,
    FeedState,
    FetchKind,
    FetchOutcome,
    LeaseKind,
    Review,
    RunKind,
    RunState,
    SkipReason,
)

__all__ = [
    "NO_PUBLISHER",
    "Article",
    "ClaimedUrl",
    "ClusterDetail",
    "ClusterEvent",
    "ClusterEventKind",
    "ClusterFilter",
    "ClusterMember",
    "ClusterOrder",
    "ClusterState",
    "ClusterSummary",
    "CopyEdge",
    "CorpusSummary",
    "CrawlUrlState",
    "DedupState",
    "FeedKind",
    "FeedRecord",
    "FeedState",
    "FetchEvent",
    "FetchKind",
    "FetchOutcome",
    "FoundArticle",
    "FoundUrl",
    "FrontierUrl",
    "IntegrityProblem",
    "JsonValue",
    "LeaseKind",
    "PairFilter",
    "PairSummary",
    "ResolveCounts",
    "Review",
    "RunKind",
    "RunRecord",
    "RunState",
    "SettledUrl",
    "SkipReason",
    "SlugEvidence",
    "Source",
    "SourceSummary",
    "StoreCounts",
    "StoredArticle",
    "StoredPair",
    "TableSize",
]
