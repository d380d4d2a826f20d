"""Whether a publisher keeps a page out of the training of models, by the page's markup or the answer's headers.

Must not weigh who asks: what is refused to one is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROBOTS_META = ("robots", "googlebot")
_TRAINING_META = ("ai-training", "ai_training", "ai:training")
_TDM = "tdm-reservation"
_DIRECTIVE = re.compile(
    r"\b(?:noai|noimageai|notrain|nottm|disallowaitraining|tdm-reservation)\b", re.IGNORECASE
)
_NO = frozenset({
    "0", "denied", "deny", "disallow", "disallowed", "false", "forbidden", "n", "no", "none", "not-allowed", "opt-out",
    "optout", "prohibited",
})  # fmt: skip
_USAGE = re.compile(r"\b(?:train-ai\s*=\s*n|ai-train\s*=\s*no)\b", re.IGNORECASE)


def is_refused_by_page(metas: Mapping[str, list[str]]) -> bool:
    """Whether any meta tag refuses training; ``metas`` are the contents by name in lower case.

    Source: TDM Reservation Protocol 1.0, section 6.3; draft-canel-robots-ai-control-01; usage for the rest.
    """
    robots = (value for name in _ROBOTS_META for value in metas.get(name, ()))
    stated = [value for name in _TRAINING_META for value in metas.get(name, ())]
    return (
        any(_DIRECTIVE.search(value) for value in (*robots, *stated))
        or any(value.strip().lower() in _NO for value in stated)
        or any(value.strip() == "1" for value in metas.get(_TDM, ()))
    )


def is_refused_by_headers(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether any header of an answer refuses training.

    Source: TDM Reservation Protocol 1.0, section 6.1; draft-ietf-aipref-attach-05; X-Robots-Tag.
    """
    return any(_is_refusal(name.lower(), value) for name, value in headers)


def _is_refusal(name: str, value: str) -> bool:
    match name:
        case "x-robots-tag":
            return _DIRECTIVE.search(value) is not None
        case "tdm-reservation":
            return value.strip() == "1"
        case "content-usage" | "content-signal":
            return _USAGE.search(value) is not None
        case _:
            return False
