from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.seeds import load_seeds
from newsdedup.demo import load_content

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
REAL_LISTS = sorted(path for path in SEEDS.glob("*.toml") if path.name != "demo.toml")
LANGUAGES = {
    "bn",
    "de",
    "en",
    "es",
    "fr",
    "gu",
    "hi",
    "id",
    "it",
    "ja",
    "mr",
    "nl",
    "pl",
    "pt",
    "ru",
    "sv",
    "uk",
}


def real_sources() -> list[dict[str, object]]:
    return [source for path in REAL_LISTS for source in tomllib.loads(path.read_text("utf-8"))["source"]]


@pytest.mark.parametrize("path", [*REAL_LISTS, SEEDS / "demo.toml"], ids=lambda path: path.stem)
def test_every_list_loads_without_a_problem(path: Path) -> None:
    assert load_seeds(path).sources


def test_there_are_world_tech_and_at_least_five_countries() -> None:
    names = {path.stem for path in REAL_LISTS}
    assert {"world", "tech"} <= names
    assert len(names - {"world", "tech"}) >= 5


def test_at_least_150_real_feeds_stand_on_distinct_hosts() -> None:
    feeds = [feed for source in real_sources() for feed in source["feeds"]]  # type: ignore[attr-defined]  # TOML list
    assert len(feeds) == len(set(feeds))
    assert len({urlsplit(feed).hostname for feed in feeds}) >= 150


def test_no_name_or_home_page_stands_twice_in_all_lists() -> None:
    sources = real_sources()
    for key in ("name", "home"):
        values = [source[key] for source in sources]
        assert len(values) == len(set(values))


def test_names_are_names_and_not_feed_titles() -> None:
    for source in real_sources():
        name = str(source["name"])
        assert len(name) <= 40
        assert not re.search(r"https?:|[|»:]|\bRSS\b|Latest News|&\w+;", name), name


def test_feeds_do_not_hide_behind_feed_brokers() -> None:
    for source in real_sources():
        assert not re.search(r"feedburner|youtube|reddit|medium\.com", str(source["feeds"]))


def test_languages_and_countries_are_known_codes() -> None:
    for source in real_sources():
        assert source["language"] in LANGUAGES
        assert re.fullmatch(r"[A-Z]{2}", str(source["country"]))


@pytest.mark.parametrize("path", REAL_LISTS, ids=lambda path: path.stem)
def test_a_country_list_holds_only_that_country(path: Path) -> None:
    countries = {source.country for source in load_seeds(path).sources}
    assert path.stem in {"world", "tech"} or countries == {path.stem.upper()}


@pytest.mark.parametrize("path", REAL_LISTS, ids=lambda path: path.stem)
def test_a_list_says_when_it_was_made_and_that_liveness_is_unchecked(path: Path) -> None:
    head = path.read_text("utf-8").partition("[[source]]")[0]
    assert re.search(r"Compiled on \d{4}-\d\d-\d\d", head)
    assert "unchecked" in head


def test_the_demo_list_names_every_site_of_the_newsroom_with_all_its_addresses() -> None:
    content = load_content()
    sources = {source.host: source for source in load_seeds(SEEDS / "demo.toml").sources}
    assert set(sources) == {site.host for site in content.sites.values()}
    for site in content.sites.values():
        source = sources[site.host]
        assert source.name == site.name
        assert [urlsplit(feed).path for feed in source.feeds] == [site.feed_path] * bool(site.feed_path)
        sitemap = site.sitemap_index_path or site.news_sitemap_path
        assert [urlsplit(url).path for url in source.sitemaps] == [sitemap] * bool(sitemap)
        if site.feed_path is None:
            published = [article for article in content.articles.values() if article.site == site]
            sections = {article.section for article in published if not article.is_forbidden}
            paths = {site.section_path.format(section=section) for section in sections}
            assert sorted(urlsplit(url).path for url in source.sections) == sorted(paths)
