from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime

import pytest

from crawler.dates import StatedTime
from crawler.hints import PageHints
from crawler.page.credits import agency_credit
from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.page.extraction import extract_article
from crawler.page.html import decode_html
from crawler.page.optout import is_refused_by_headers
from crawler.page.words import count_words
from crawler.refusals import Skipped
from dedup.values import TimePrecision
from storage.values import SkipReason
from tests.crawl.pages import article_page, article_text

_URL = "http://news.example/2026/story"
_NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _extract(html: bytes | str, hints: PageHints | None = None) -> Extracted | Skipped:
    body = html.encode() if isinstance(html, str) else html
    return extract_article(body, _URL, now=_NOW, config=ExtractionConfig(hints=hints or PageHints()))


def _page(head: str, seed: int = 1) -> Extracted:
    page = _extract(article_page("A title", seed, head=head).body)
    assert isinstance(page, Extracted)
    return page


def test_text_title_and_time_are_read() -> None:
    page = _page("")
    assert page.title == "A title"
    assert page.published == StatedTime(datetime(2026, 5, 1, 8, 30, tzinfo=UTC), TimePrecision.SECOND, "meta")
    assert page.language == "en"
    assert page.word_count > 100
    assert article_text(1).split(". ")[3] in page.text
    assert "Home" not in page.text


def test_json_ld_outranks_meta_tags_and_gives_authors_paywall_and_section() -> None:
    data = {
        "@context": "https://schema.org", "@graph": [
            {"@type": "WebSite", "name": "Test Site"},
            {"@type": ["NewsArticle"], "headline": "A headline", "datePublished": "2026-05-02T09:00:00+02:00",
             "dateModified": "2026-05-03", "isAccessibleForFree": "False", "articleSection": "World",
             "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "By John Roe"},
                        {"@type": "Organization", "name": "Test Site"}]},
        ],
    }  # fmt: skip
    page = _page(f'<script type="application/ld+json">{json.dumps(data)}</script>')
    assert page.published is not None
    assert (page.published.at.isoformat(), page.published.origin) == ("2026-05-02T07:00:00+00:00", "json_ld")
    assert page.modified is not None
    assert (page.byline, page.section, page.is_paywalled) == ("Jane Doe, John Roe", "World", True)


@pytest.mark.parametrize(
    "script", ["{broken", '{"@type": "NewsArticle", "headline": {"a": []}}', "[[[[", "null", "3"]
)
def test_strange_json_ld_spoils_nothing(script: str) -> None:
    page = _page(f'<script type="application/ld+json">{script}</script>')
    assert page.title == "A title"


def test_a_canonical_on_another_host_is_the_declared_original_never_identity() -> None:
    page = _page('<link rel="canonical" href="https://agency.example/original-story">')
    assert page.declared_original_url == "https://agency.example/original-story"
    assert page.same_site_url is None


def test_a_canonical_on_the_same_site_is_identity_and_a_front_page_is_not() -> None:
    assert (
        _page('<link rel="canonical" href="https://www.news.example/s">').same_site_url
        == "https://www.news.example/s"
    )
    assert _page('<link rel="canonical" href="https://news.example/">').same_site_url is None


def test_the_feeds_word_fills_what_the_page_leaves_out() -> None:
    published = StatedTime(datetime(2026, 4, 30, tzinfo=UTC), TimePrecision.SECOND, "feed")
    html = f"<html><body><article><p>{article_text(3)}</p></article></body></html>"
    page = _extract(html, PageHints("Feed title", "Feed Author", "de", published))
    assert isinstance(page, Extracted)
    assert (page.title, page.byline, page.language, page.published) == (
        "Feed title",
        "Feed Author",
        "de",
        published,
    )


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="robots" content="index, noai">',
        '<meta name="Robots" content="NOAI, noimageai">',
        '<meta name="robots" content="DisallowAITraining">',
        '<meta name="tdm-reservation" content=" 1 ">',
        '<meta name="ai-training" content="Disallow">',
        '<meta name="ai-training" content="no">',
        '<meta property="ai-training" content="noai">',
    ],
)
def test_an_opt_out_of_training_is_noted(tag: str) -> None:
    assert _page(tag).refuses_ai_training is True


@pytest.mark.parametrize(
    "tag",
    [
        "",
        '<meta name="ai-training" content="allow">',
        '<meta name="tdm-reservation" content="0">',
        '<meta name="robots" content="noarchive, nosnippet">',
        '<meta name="description" content="noai">',
    ],
)
def test_what_is_no_opt_out_of_training_is_not_taken_for_one(tag: str) -> None:
    assert _page(tag).refuses_ai_training is None


@pytest.mark.parametrize(
    ("name", "value", "refuses"),
    [
        ("X-Robots-Tag", "otherbot: noai", True),
        ("TDM-Reservation", "1", True),
        ("Content-Usage", "search=y, train-ai=n", True),
        ("content-signal", "search=yes, ai-train=no", True),
        ("Content-Usage", "train-ai=y", False),
        ("X-Robots-Tag", "noindex", False),
        ("Server", "noai", False),
    ],
)
def test_headers_refuse_training_too(name: str, value: str, refuses: bool) -> None:
    assert is_refused_by_headers([("Date", "today"), (name, value)]) is refuses


@pytest.mark.parametrize(
    ("node", "is_paywalled"),
    [
        ({"@type": "NewsArticle", "isAccessibleForFree": "false "}, True),
        ({"@type": "NewsArticle", "isAccessibleForFree": "http://schema.org/False"}, True),
        ({"@type": "NewsArticle", "isAccessibleForFree": {"@value": "True"}}, False),
        ({"@type": "NewsArticle", "schema:isAccessibleForFree": False}, True),
        ({"@type": "schema:NewsArticle", "http://schema.org/isAccessibleForFree": "False"}, True),
        (
            {"@type": "NewsArticle", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}},
            True,
        ),
        (
            {
                "@type": "NewsArticle",
                "hasPart": [{"isAccessibleForFree": True}, {"isAccessibleForFree": False}],
            },
            True,
        ),
        (
            {"@type": "NewsArticle", "isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": False}},
            False,
        ),
        ({"@type": "WebPage", "isAccessibleForFree": False}, True),
        ({"@type": "WebPage", "hasPart": {"isAccessibleForFree": False}}, True),
        ({"@type": "ItemList", "itemListElement": {"@type": "WebPage", "isAccessibleForFree": False}}, None),
        ({"@type": "NewsArticle", "isAccessibleForFree": "perhaps"}, None),
    ],
)
def test_a_paywall_is_seen_wherever_it_is_stated(node: dict[str, object], is_paywalled: bool | None) -> None:
    assert (
        _page(f'<script type="application/ld+json">{json.dumps(node)}</script>').is_paywalled is is_paywalled
    )


def test_properties_with_the_name_of_their_vocabulary_are_read() -> None:
    data = {
        "@type": "schema:NewsArticle",
        "schema:headline": "A title of its own",
        "schema:articleSection": "World",
    }
    assert _page(f'<script type="application/ld+json">{json.dumps(data)}</script>').section == "World"


def test_the_publishers_body_fills_an_empty_page() -> None:
    data = {"@type": "NewsArticle", "headline": "Hidden", "articleBody": article_text(4)}
    html = f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head><body><p>Wait</p></body></html>'
    page = _extract(html)
    assert isinstance(page, Extracted)
    assert page.text == article_text(4)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", SkipReason.NOT_HTML),
        (b"%PDF-1.7 " + bytes(range(256)), SkipReason.NOT_HTML),
        (b"<html><body></body></html>", SkipReason.NO_TEXT),
        (b"<html><body><article><p>Only a few words here.</p></article></body></html>", SkipReason.TOO_SHORT),
        (
            f"<html><body><article><p>{article_text(5)}</p></article></body></html>".encode(),
            SkipReason.NO_TITLE,
        ),
        (b"<html>" + b"x" * 9_000_000, SkipReason.TOO_LARGE),
        (b"<html><body>" + b"<div>" * 50_000, SkipReason.NO_TEXT),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(body: bytes, reason: SkipReason) -> None:
    refusal = _extract(body)
    assert isinstance(refusal, Skipped)
    assert refusal.reason is reason


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("latin-1", "Überraschung in Köln"), ("windows-1251", "Новости сегодняшнего дня в городе"),
        ("gb18030", "促进航天技术更好惠及人民的新闻"), ("shift_jis", "東京の新聞は今日も発行されました"),
        ("euc-kr", "한국일보 정치 뉴스 오늘"), ("utf-8", "Überraschung “in” Köln"),
    ],
)  # fmt: skip
def test_a_lying_charset_is_seen_through(charset: str, text: str) -> None:
    body = f"<html><body>{(text + ' ') * 30}</body></html>".encode(charset)
    assert text in decode_html(body, "text/html; charset=utf-8")
    assert text in decode_html(body, None)


def test_words_of_scripts_without_spaces_are_counted_by_characters() -> None:
    assert count_words("one two three") == 3
    assert count_words("東京の新聞は今日も") == 4


@pytest.mark.parametrize(
    ("text", "byline", "agency"),
    [
        ("PARIS (AFP) - Ministers met.", None, "AFP"),
        ("LONDON, Feb 3 (Reuters) \u2013 Ministers met.", None, "Reuters"),
        ("Minister trafen sich. (dpa)", None, "dpa"),
        ("Ministers met.", "Jane Doe, AP", "AP"),
        ("The apple harvest began. Reuters was not there.", "Jane Doe", None),
    ],
)
def test_an_agency_is_credited_where_it_is_named_as_one(
    text: str, byline: str | None, agency: str | None
) -> None:
    assert agency_credit(text, byline) == agency


def _story(title: str, inside: str, words: int = 160) -> str:
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"<p>{article_text(3, words)}</p>{inside}</article></body></html>"
    )


def test_the_title_is_no_part_of_the_text() -> None:
    page = _extract(_story("Ferry sails again after the long winter storm", ""))
    assert isinstance(page, Extracted)
    assert page.title == "Ferry sails again after the long winter storm"
    assert "Ferry sails again" not in page.text


@pytest.mark.parametrize(
    "names", ["class='support'", "class='story-newsletter-box'", "id='donate'", "class='a sign-up-form b'"]
)
def test_an_appeal_for_money_is_no_part_of_the_text(names: str) -> None:
    appeal = (
        f"<div {names}><p>Local news needs you. Consider taking the paper for six crowns a month.</p></div>"
    )
    page = _extract(_story("A title", appeal))
    assert isinstance(page, Extracted)
    assert "six crowns" not in page.text


def test_a_text_in_a_box_with_the_name_of_an_appeal_is_kept() -> None:
    body = f"<div class='newsletter'><p>{article_text(4, 90)}</p><p>{article_text(5, 90)}</p></div>"
    page = _extract(f"<html><head><title>A title</title></head><body><article>{body}</article></body></html>")
    assert isinstance(page, Extracted)
    assert page.word_count > 100


def test_a_picture_page_is_too_short_whatever_stands_around_its_caption() -> None:
    title = "In pictures: all the lambs of a long spring above the valley"
    around = "<div class='support'><b>We need you.</b> Please consider taking the paper for six crowns a month.</div>"
    page = _extract(
        f"<html><head><title>{title}</title></head><body><div><h1>{title}</h1><div><p>Our photographer spent the "
        f"night with shepherds above the end of the fell.</p></div>{around}</div></body></html>"
    )
    assert isinstance(page, Skipped)
    assert page.reason is SkipReason.TOO_SHORT


def test_endless_names_of_boxes_are_not_remembered() -> None:
    held = []
    tracemalloc.start()
    try:
        for number in range(4):
            name = f"{number}{'x' * 300_000}"
            box = f"<h1>Bridge</h1><div class='{name}'><p>{article_text(number, 100)}</p></div>"
            html = f"<html><body><article>{box}</article></body></html>"
            assert isinstance(extract_article(html.encode(), "http://n.example/s", now=_NOW), Extracted)
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # the first page also loads what is loaded once
    assert held[-1] - held[0] < 300_000, "of three pages of 300 kB each"


def _scripts(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


def test_relative_addresses_are_joined_to_the_base_that_a_page_declares() -> None:
    page = _page(
        '<base href="/"><link rel="canonical" href="world/a-title"><meta property="og:image" content="img/a.jpg">'
    )
    assert page.same_site_url == "http://news.example/world/a-title"
    assert page.image_url == "http://news.example/img/a.jpg"
    other = _page('<base href="javascript:alert(1)"><link rel="canonical" href="a-title">')
    assert other.same_site_url == "http://news.example/2026/a-title"


def test_of_several_articles_that_a_page_describes_the_one_that_it_shows_is_read() -> None:
    related = {
        "@type": "NewsArticle", "headline": "Another story", "datePublished": "2024-01-01", "author": "Old Person",
        "publisher": {"name": "Test Site"}, "mainEntityOfPage": "http://news.example/another",
    }  # fmt: skip
    shown = {"@type": "NewsArticle", "headline": "A title", "datePublished": "2026-05-05"}
    page = _page(_scripts({"@graph": [related, shown]}))
    assert page.published is not None
    assert (page.title, page.byline, page.published.at.day) == ("A title", None, 5)


def test_updates_of_a_live_blog_are_not_taken_for_the_article() -> None:
    updates = [
        {
            "@type": "BlogPosting", "headline": f"Update {hour}", "datePublished": f"2026-05-05T{hour}:00:00Z",
            "author": {"name": "Other Person"}, "url": _URL,
        }
        for hour in (10, 11)
    ]  # fmt: skip
    blog = {
        "@type": "LiveBlogPosting", "headline": "Live: the flood", "datePublished": "2026-05-05T08:00:00Z",
        "author": {"name": "Jane Doe"}, "liveBlogUpdate": updates,
    }  # fmt: skip
    page = _page(_scripts(blog))
    assert page.published is not None
    assert (page.title, page.byline, page.published.at.hour) == ("Live: the flood", "Jane Doe", 8)


_MISSING = (
    "The page that you have asked for is not here any more. Use the search, or go back to the first page. "
    * 4
)


def _bare(title: str, heading: str, head: str = "") -> Extracted | Skipped:
    return _extract(
        f"<html><head><title>{title}</title>{head}</head><body><h1>{heading}</h1><p>{_MISSING}</p></body></html>",
        PageHints(title="What the feed said", published=StatedTime(_NOW, TimePrecision.SECOND, "feed")),
    )


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("404", "Oops"),
        ("Page Not Found | News Example", "Sorry!"),
        ("News Example - Error 404: this page does not exist", "x"),
        ("Seite nicht gefunden", "Fehler 404"),
        ("Страница не найдена", ""),
        ("News Example", "ページが見つかりません"),
        ("News Example", "We value your privacy"),
        ("Just a moment...", "news.example"),
        ("News Example", "Please log in or register"),
    ],
)
def test_a_page_that_stands_in_for_an_article_is_none(title: str, heading: str) -> None:
    page = _bare(title, heading)
    assert isinstance(page, Skipped)
    assert page.reason is SkipReason.NOT_ARTICLE


@pytest.mark.parametrize(
    ("title", "heading", "head"),
    [
        ("Town found on an old map", "Not found for years: the town on an old map", ""),
        ("Page not found", "Page not found", '<meta name="date" content="2026-05-01">'),
        ("Page not found", "x", _scripts({"@type": "NewsArticle", "headline": "Page not found"})),
        ("1904 in pictures", "1904", ""),
    ],
)
def test_an_article_with_such_a_name_stays_one(title: str, heading: str, head: str) -> None:
    assert isinstance(_bare(title, heading, head), Extracted)


@pytest.mark.parametrize(
    ("charset", "title", "sentence"),
    [
        ("windows-1251", "Мост начнут строить весной", "Жители сёл давно просили заменить старую переправу."),
        ("gbk", "新大桥明年开工", "市政府星期二宣布，横跨河流的新大桥将于明年春天开工建设，居民表示支持。"),  # noqa: RUF001  Chinese
        ("shift_jis", "新しい橋の建設", "市は火曜日、川に架かる新しい橋の建設を来年の春に始めると発表した。"),
        ("windows-1252", "Élèves à l’école", "Les élèves réclamaient depuis l’été une école sûre."),  # noqa: RUF001  French
    ],
)
@pytest.mark.parametrize("content_type", [None, "text/html", "text/html; charset=ISO-8859-1"])
def test_a_charset_that_is_not_declared_or_wrongly_is_found(
    charset: str, title: str, sentence: str, content_type: str | None
) -> None:
    paragraphs = "".join(f"<p>{number}. {sentence}</p>" for number in range(12))
    html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    page = extract_article(html.encode(charset), _URL, now=_NOW, content_type=content_type)
    assert isinstance(page, Extracted)
    assert page.title == title
    assert sentence in page.text


def test_a_year_in_an_address_is_no_day() -> None:
    bare = f"<html><head><title>A title</title><link rel='canonical' href='{_URL}'></head><body><p>{article_text(3)}</p></body></html>"
    page = _extract(bare)
    assert isinstance(page, Extracted)
    assert page.published is None
