"""A page that does not state its charset is read by what its bytes look like; a stated one that fits is believed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler.page.html import decode_html

_SAMPLES: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("language_samples.toml").read_text(encoding="utf-8")
)
_SCRIPT = f"<script>{'var wide = 1; ' * 5_000}</script>"


@pytest.mark.parametrize(
    ("language", "charset"),
    [
        ("pl", "iso8859-2"), ("pl", "cp1250"), ("cs", "iso8859-2"), ("cs", "cp1250"), ("hu", "iso8859-2"), ("hu", "cp1250"),
        ("tr", "cp1254"), ("tr", "iso8859-9"), ("de", "cp1252"), ("fr", "cp1252"), ("es", "cp1252"), ("pt", "cp1252"),
        ("sv", "cp1252"), ("fi", "cp1252"), ("it", "cp1252"), ("ru", "cp1251"), ("ru", "koi8-r"), ("uk", "cp1251"),
        ("el", "cp1253"), ("ar", "cp1256"), ("th", "cp874"), ("ja", "iso2022-jp"), ("ja", "shift-jis"), ("ja", "euc-jp"),
        ("zh", "gbk"), ("zh", "gb18030"),
    ],
)  # fmt: skip
def test_a_page_without_a_stated_charset_is_read(language: str, charset: str) -> None:
    sentence = _SAMPLES[language]
    page = f"<html><head><title>News</title>{_SCRIPT}</head><body><p>{sentence}</p><p>{sentence}</p></body></html>"
    assert sentence in decode_html(page.encode(charset), "text/html")


def test_korean_without_a_stated_charset_is_read() -> None:
    sentence = "정부는 화요일 다음 달부터 빵 가격이 오를 것이라고 발표했다."
    assert sentence in decode_html(f"<html><body><p>{sentence}</p></body></html>".encode("euc-kr"), None)


def test_curly_quotes_do_not_look_like_eastern_letters() -> None:
    page = "<html><body><p>\u201eSchöne Grüße\u201c, sagte sie \u2013 und schwieg. \u201eSö.\u201c</p></body></html>"
    assert decode_html(page.encode("cp1252"), None) == page


@pytest.mark.parametrize("content_type", ["text/html; charset=iso-8859-2", None])
def test_a_stated_charset_that_fits_is_believed(content_type: str | None) -> None:
    meta = "" if content_type else "<meta charset=iso-8859-2>"
    # As German as can be, but for one name: by its words alone it would be read otherwise.
    page = f"<html><head>{meta}</head><body><p>Für Müller spräche, dass Šň schön grüßt.</p></body></html>"
    assert decode_html(page.encode("iso8859-2"), content_type) == page
