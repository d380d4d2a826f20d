"""A configuration refuses what makes no sense, and its fingerprints change exactly when results can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedup import DedupConfig, config
from dedup.config import BandConfig, View

USUAL = DedupConfig()


@pytest.mark.parametrize(
    ("bands", "rows", "message"),
    [
        (0, 2, "bands must lie in \\[1, 1024\\], got 0"),
        (32, 0, "rows must lie in \\[1, 1024\\], got 0"),
        (2000, 2, "bands must lie in"),
        (2, -1, "rows must lie in"),
    ],
)
def test_impossible_bands_are_refused_by_name(bands: int, rows: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BandConfig(bands, rows)


@pytest.mark.parametrize(
    ("field", "value"), [("seed", -1), ("seed", 2**32), ("bucket_cap", 1), ("bucket_cap", 0)]
)
def test_impossible_values_are_refused_by_name(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} must .*got {value}"):
        replace(USUAL, **{field: value})  # type: ignore[arg-type]  # both fields are whole numbers


def test_half_of_the_pairs_share_a_bucket_at_the_threshold() -> None:
    # b bands of r rows: the share of pairs found at similarity s is 1 - (1 - s^r)^b
    for bands, rows in ((32, 2), (16, 2), (32, 3)):
        threshold = BandConfig(bands, rows).threshold
        found = 1 - (1 - threshold**rows) ** bands
        assert found == pytest.approx(0.5)


def test_fingerprints_are_short_stable_and_equal_for_equal_configurations() -> None:
    again = DedupConfig()
    assert again.signature_fingerprint == USUAL.signature_fingerprint
    assert again.detector_fingerprint == USUAL.detector_fingerprint
    assert len({USUAL.signature_fingerprint, USUAL.detector_fingerprint}) == 2
    for fingerprint in (USUAL.signature_fingerprint, USUAL.detector_fingerprint):
        assert len(fingerprint) == 16
        int(fingerprint, 16)


@pytest.mark.parametrize("view", list(View))
def test_other_bands_make_other_signatures(view: View) -> None:
    other = replace(USUAL, **{view.value: BandConfig(8, 3)})  # type: ignore[arg-type]  # view fields
    assert other.bands_of(view).num_perm == 24
    assert other.signature_fingerprint != USUAL.signature_fingerprint
    assert other.detector_fingerprint != USUAL.detector_fingerprint


def test_another_seed_makes_other_signatures() -> None:
    assert replace(USUAL, seed=2).signature_fingerprint != USUAL.signature_fingerprint


def test_a_threshold_leaves_signatures_valid_and_pairs_not() -> None:
    other = replace(USUAL, strict_below_words=USUAL.strict_below_words + 1)
    assert other.signature_fingerprint == USUAL.signature_fingerprint
    assert other.detector_fingerprint != USUAL.detector_fingerprint


@pytest.mark.parametrize("version", ["SHINGLE_HASH_VERSION", "NORMALIZER_VERSION", "VIEWS_VERSION"])
def test_a_new_version_of_the_code_makes_other_signatures(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = USUAL.signature_fingerprint
    monkeypatch.setattr(config, version, 99)
    assert USUAL.signature_fingerprint != before


def test_a_new_decision_leaves_signatures_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    signature, detector = USUAL.signature_fingerprint, USUAL.detector_fingerprint
    monkeypatch.setattr(config, "DECISION_VERSION", 99)
    assert USUAL.signature_fingerprint == signature
    assert USUAL.detector_fingerprint != detector
