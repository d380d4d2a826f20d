from __future__ import annotations

import pytest

from crawler.slugs import article_of_slug, slug_key
from storage.values import SlugEvidence

_OLD, _NEW = "https://news.example/ferry-sinks-1234567", "https://news.example/ferry-saved-1234567"
_OTHERS = (("https://news.example/a-7654321", "https://news.example/b-7654321"),)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.news.example/ferry-sinks-1234567.html", "news.example/1234567"),
        ("https://news.example/ferry-sinks", None),
        ("https://news.example/report-20260501", None),
        ("https://news.example/report-202605", None),
        ("https://news.example/1234567-and-7654321", None),
    ],
)
def test_a_number_names_an_article_only_where_it_is_no_date_and_the_only_one(
    url: str, key: str | None
) -> None:
    assert slug_key(url) == key


def test_a_new_slug_is_the_known_article_where_the_site_was_seen_to_rename_articles() -> None:
    assert article_of_slug(_NEW, SlugEvidence((_OLD,), _OTHERS)) == _OLD


@pytest.mark.parametrize(
    "evidence",
    [
        SlugEvidence(),
        SlugEvidence((_OLD,)),
        SlugEvidence((_NEW, _OLD), _OTHERS),
        SlugEvidence((_OLD,), (("https://news.example/a-7654321", "https://news.example/b-1111111"),)),
        SlugEvidence((_OLD,), (("https://news.example/a-7654321", "https://other.example/b-7654321"),)),
        SlugEvidence((_OLD,), (("https://news.example/a-20260501", "https://news.example/b-20260501"),)),
    ],
    ids=["number unknown", "site not seen", "itself first", "other number", "other site", "dates"],
)
def test_without_that_evidence_a_slug_is_an_article_of_its_own(evidence: SlugEvidence) -> None:
    assert article_of_slug(_NEW, evidence) == _NEW
