"""Makes text from the web harmless before it reaches a terminal, a CSV cell or a JSON line.

Must not format or shorten: what is harmless stays as it was.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

REPLACEMENT = "\ufffd"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_ACTING = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDI}\ufff9-\ufffb\ufeff\ud800-\udfff]")
_ACTING_BUT_LAYOUT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\ufff9-\ufffb\ufeff\ud800-\udfff]")
_ACTING_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_BIDI}\ufff9-\ufffb\ufeff\ud800-\udfff]")
_FORMULA_START = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%", "\t", "\r", "\n")


def terminal_line(text: str) -> str:
    r"""Text on one line in which nothing can steer a terminal or turn the reading direction.

    >>> terminal_line("red \x1b[31malert\nnext")
    'red �[31malert next'
    """
    if text.isprintable():  # nothing printable acts, and most text is
        return text
    return _ACTING.sub(REPLACEMENT, _LINE_BREAKS.sub(" ", text))


def harmless_text(text: str) -> str:
    """Text of several lines in which only line feeds and tabs still act."""
    if text.isprintable():
        return text
    return _ACTING_BUT_LAYOUT.sub(REPLACEMENT, text.replace("\r\n", "\n"))


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; a leading apostrophe marks what was defused.

    Source: OWASP, CSV Injection.

    >>> csv_cell("=1+1")
    "'=1+1"
    """
    harmless = _ACTING_BUT_LAYOUT.sub(REPLACEMENT, text)
    stripped = text.lstrip(" \u00a0\ufeff\u200b")
    return "'" + harmless if stripped.startswith(_FORMULA_START) else harmless


def json_text(value: object, *, indent: int | None = None) -> str:
    r"""JSON with sorted keys and ISO-8601 UTC times; characters that act on a terminal become ``\u`` escapes.

    Reading the JSON gives the value back, save that infinite numbers and NaN become null. Lone surrogates become
    escapes too, so the text can always be encoded.

    Raises:
        TypeError: the value holds something that JSON cannot say.
    """
    try:
        text = _dumped(value, indent)
    except ValueError:  # a number without end, which JSON cannot say
        text = _dumped(_finite(value), indent)
    return _ACTING_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _dumped(value: object, indent: int | None) -> str:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, indent=indent, default=_json_default, allow_nan=False
    )


def _finite(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {name: _finite(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_finite(inner) for inner in value]
        case _:
            return value


def iso_utc(moment: datetime) -> str:
    """A time as ISO-8601 in UTC, to the second; a time without zone is UTC already.

    >>> iso_utc(datetime(2026, 5, 4, 9, 30))
    '2026-05-04T09:30:00Z'
    """
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _json_default(value: object) -> object:
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"JSON cannot say {value!r}")
