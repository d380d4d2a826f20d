"""A feed's bytes into UTF-8 where the feed parser would not know how to read them.

Must not touch what states a charset that fits.
"""

from __future__ import annotations

import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

from crawler.page.charset import guess_charset

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_UTF_8 = "application/xml; charset=utf-8"
# How "<" begins a document of two bytes a character.
_WIDE = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def readable_xml(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """The body and its content type as they are, or the body in UTF-8 and a content type that says so.

    A byte order mark goes before all that is stated; a charset is guessed only where none is stated that fits.

    Source: RFC 7303 section 3.
    """
    charset = _unstated_charset(body, content_type)
    if charset is None:
        return body, content_type
    text = _DECLARATION.sub("", to_unicode(body, charset).lstrip("\ufeff"))
    return text.encode("utf-8", "replace"), _UTF_8


def _unstated_charset(body: bytes, content_type: str | None) -> str | None:
    marked, _ = read_bom(body)
    if marked is not None:
        return None if marked == "utf-8" else marked
    if wide := _WIDE.get(body[:2]):
        return wide
    if html_body_declared_encoding(body) is not None or _decodes(body, "utf-8"):
        return None
    stated = http_content_type_encoding(content_type)
    return None if stated is not None and _decodes(body, stated) else guess_charset(body)


def _decodes(body: bytes, charset: str) -> bool:
    try:
        body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
