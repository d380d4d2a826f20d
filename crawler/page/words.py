"""Words of a text, counted in any script.

Must not know what a text is for.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: two characters count for a word.
_SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)


def count_words(text: str) -> int:
    """Words of a text; in scripts without spaces two characters count for one."""
    spaceless = 0 if text.isascii() else len(_SPACELESS.findall(text))
    return len(_WORD.findall(_SPACELESS.sub(" ", text) if spaceless else text)) + spaceless // 2


count_line_words = lru_cache(maxsize=512)(count_words)
