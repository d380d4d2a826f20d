"""The algorithm's parameters, and the fingerprints that say which stored values are comparable.

Must not read a file or an environment variable: configuration is built by the caller.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from dedup.boosted_trees import decision_model, estimate_model
from dedup.word_lists import word_lists_digest

SHINGLE_HASH_VERSION = 1
NORMALIZER_VERSION = 2
VIEWS_VERSION = 3
DECISION_VERSION = 12


class View(StrEnum):
    """One way of reading a text as a set of shingles."""

    WORDING = "wording"
    SKELETON = "skeleton"
    ANCHORS = "anchors"


@dataclass(frozen=True, slots=True)
class BandConfig:
    """Bands and rows of one view's signature, and further values that only sharpen the estimate."""

    bands: int
    rows: int
    extra: int = 0

    def __post_init__(self) -> None:
        for name, value in (("bands", self.bands), ("rows", self.rows)):
            if not 1 <= value <= 1024:
                raise ValueError(f"{name} must lie in [1, 1024], got {value!r}")
        if not 0 <= self.extra <= 1024:
            raise ValueError(f"extra must lie in [0, 1024], got {self.extra!r}")

    @property
    def num_perm(self) -> int:
        """Min-hash values that the view needs."""
        return self.bands * self.rows + self.extra

    @property
    def threshold(self) -> float:
        """Jaccard similarity at which half of the pairs share a bucket, (1 - 0.5^(1/b))^(1/r).

        Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.2.
        """
        return float((1 - 0.5 ** (1 / self.bands)) ** (1 / self.rows))


@dataclass(frozen=True, slots=True)
class DedupConfig:
    """Everything that decides which pairs are found; two equal configs give equal results.

    Raises:
        ValueError: a value lies outside its range; the message names it.
    """

    wording: BandConfig = field(default_factory=lambda: BandConfig(bands=4, rows=2, extra=24))
    skeleton: BandConfig = field(default_factory=lambda: BandConfig(bands=28, rows=2, extra=8))
    anchors: BandConfig = field(default_factory=lambda: BandConfig(bands=32, rows=2, extra=64))
    seed: int = 1
    bucket_cap: int = 16
    exact_only_below_words: int = 20
    strict_below_words: int = 60
    min_estimate: float = -5.2
    min_odds: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed must lie in [0, 2**32), got {self.seed!r}")
        if self.bucket_cap < 2:
            raise ValueError(f"bucket_cap must be at least 2, got {self.bucket_cap!r}")

    def bands_of(self, view: View) -> BandConfig:
        """Bands and rows of a view."""
        return {View.WORDING: self.wording, View.SKELETON: self.skeleton, View.ANCHORS: self.anchors}[view]

    @property
    def signature_fingerprint(self) -> str:
        """What two signatures must have in common to be comparable: 16 hexadecimal digits."""
        return _digest(
            {
                "shingle_hash": SHINGLE_HASH_VERSION,
                "normalizer": NORMALIZER_VERSION,
                "views": VIEWS_VERSION,
                "word_lists": word_lists_digest(),
                "bands": {view: asdict(self.bands_of(view)) for view in View},
                "seed": self.seed,
            }
        )

    @property
    def detector_fingerprint(self) -> str:
        """What two verdicts must have in common to be comparable: 16 hexadecimal digits."""
        return _digest(
            {
                "decision": DECISION_VERSION,
                "models": [estimate_model().digest, decision_model().digest],
                "signature": self.signature_fingerprint,
                "config": asdict(self),
            }
        )


def _digest(values: dict[str, object]) -> str:
    canonical = json.dumps(values, sort_keys=True)
    return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()
