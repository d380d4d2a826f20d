"""Language tags as publishers write them; knows no language."""

from __future__ import annotations

import re

_PRIMARY = re.compile(r"^([A-Za-z]{2,3})(?:[-_]|$)")


def primary_language(tag: str) -> str | None:
    """The language of a tag, without country and script, in lower case; None where it is no tag.

    Source: RFC 5646 section 2.2.1; Open Graph has an underscore for the hyphen.

    >>> primary_language("pt_BR"), primary_language("english")
    ('pt', None)
    """
    match = _PRIMARY.match(tag.strip())
    return match[1].lower() if match else None
