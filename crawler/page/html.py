"""HTML bytes into a tree: charset decided, hostile sizes and control characters kept out.

Must not read meaning into the page; that is for the modules that ask the tree.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from w3lib.encoding import html_to_unicode

from crawler.page.charset import guess_charset, is_one_byte_latin

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# The same in UTF-8: single bytes, told from all others at once, and two characters that are no ASCII.
_HARMLESS_BYTES = bytes({*range(256)} - {*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F})
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_RARE_LEAD = _NO_CHARACTERS[0][0]  # one byte is looked for ten times as fast as three
_MOJIBAKE = re.compile(
    "\u00c3[\u0080-\u00bf\u0178\u0152\u201e\u2013]|\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u02dc\u00a6]"
)
_MOJIBAKE_MARKS = ("\u00c3", "\u00e2\u20ac")
# Elements of one class: lxml's own lookup asks Python for every element that it hands out.
_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement)
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|article|div|p|meta|title|h1)\b", re.IGNORECASE)


def looks_like_html(body: bytes) -> bool:
    """Whether bytes hold HTML markup, whatever their Content-Type claims."""
    return bool(_MARKUP.search(body[:20_000].replace(b"\x00", b"")))


def decode_html(body: bytes, content_type: str | None) -> str:
    """The page's text; a declared charset that contradicts the bytes gives way to UTF-8.

    Source: WHATWG HTML section 13.2.3.2, without its prescan limits.
    """
    charset, text = html_to_unicode(
        content_type, body, auto_detect_fun=guess_charset, default_encoding="utf-8"
    )
    # Servers call every page Latin that they know nothing of.
    is_misnamed = charset == "cp1252" and not is_one_byte_latin(body)
    encoded = body if charset == "utf-8" else None
    if text.count("\ufffd") > len(text) // 2_000 or is_misnamed or _is_mojibake(text):
        text, encoded = _decoded_anyway(body, text), None
    return _CONTROL.sub("", text) if _may_hold_control(encoded or text.encode("utf-8", "replace")) else text


def parse_html(text: str) -> HtmlElement | None:
    """The page's tree, or None when nothing can be made of it."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def base_of(tree: HtmlElement, url: str) -> str:
    """The address that relative ones of a page are joined to. Source: WHATWG HTML section 4.2.3."""
    stated = next((base.get("href") for base in tree.iter("base") if base.get("href")), None)
    if stated is None:
        return url
    try:
        base = urljoin(url, stated.strip())
    except ValueError:
        return url
    return base if base.startswith(("http://", "https://")) else url


def _may_hold_control(encoded: bytes) -> bool:
    if encoded.translate(None, _HARMLESS_BYTES):
        return True
    return _RARE_LEAD in encoded and any(mark in encoded for mark in _NO_CHARACTERS)


def _is_mojibake(text: str) -> bool:
    # Typical of UTF-8 read as a one-byte charset, in letters that no language uses this often.
    sample = text[:200_000]
    return any(mark in sample for mark in _MOJIBAKE_MARKS) and len(_MOJIBAKE.findall(sample)) > 20


def _decoded_anyway(body: bytes, fallback: str) -> str:
    try:
        return body.decode(guess_charset(body))
    except (UnicodeDecodeError, LookupError):
        return fallback
