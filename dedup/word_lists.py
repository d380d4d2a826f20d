"""One digest over everything packaged that signatures depend on: the lexicon and the word lists.

Must not be used for anything but fingerprints.
"""

from __future__ import annotations

import hashlib
from functools import cache

from dedup.languages import languages_digest
from dedup.lexicon import load_lexicon


@cache
def word_lists_digest() -> str:
    """The digest of lexicon and word lists as packaged: 16 hexadecimal digits."""
    lexicon = load_lexicon("en")
    parts = [languages_digest(), lexicon.digest if lexicon else ""]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
