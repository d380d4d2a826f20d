"""Builds ``dedup/data/common-words/*.txt``: the most frequent words of each language, most frequent first.

    pip install wordfreq==3.1.1; python -m tools.build_languages

Run it in an environment of its own: wordfreq is no dependency of the project. Only languages that have function
words get a list. English gets a longer one: its ranks also say how rare a shared word is.
"""

from __future__ import annotations

import sys
import tomllib
from importlib import import_module
from pathlib import Path

from dedup.normalize import split_words

DATA = Path(__file__).parent.parent / "dedup" / "data"
SOURCE_CODES = {"no": "nb", "hr": "sh", "tl": "fil"}
WORDS = 5000
ENGLISH_WORDS = 20_000

_CYRILLIC = str.maketrans("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш")
_DIGRAPHS = (("lj", "љ"), ("nj", "њ"), ("dž", "џ"))

NOTICE = """\
The word lists in the folder common-words are derived from the word frequencies of wordfreq 3.1.1 by Robyn Speer
(https://github.com/rspeer/wordfreq): its most frequent words of each language, in its order, normalised, numbers
left out. They are licensed under Creative Commons Attribution-ShareAlike 4.0 International
(https://creativecommons.org/licenses/by-sa/4.0/), as wordfreq's data are. The licence of the program does not
extend to them, nor theirs to the program.

wordfreq credits: Google Books Ngrams (http://books.google.com/ngrams); the Leeds Internet Corpus, University of
Leeds Centre for Translation Studies; Wikipedia; ParaCrawl (https://paracrawl.eu); OPUS OpenSubtitles 2018 and
OpenSubtitles (http://www.opensubtitles.org/); SUBTLEX-US, -UK, -CH, -DE and -NL by Marc Brysbaert et al., which
are freely available data; and Twitter.
"""


def common_words(top: list[str], limit: int) -> list[str]:
    """The first ``limit`` different words of a frequency list, normalised; no numbers."""
    normal = (word for entry in top for word in split_words(entry))
    distinct = dict.fromkeys(word for word in normal if not any(letter.isdigit() for letter in word))
    return list(distinct)[:limit]


def is_one_script(word: str) -> bool:
    return word.isascii() or not any(letter >= "\u0400" for letter in word) or not set(word) & set("qwxy")


def in_serbian_cyrillic(word: str) -> str:
    for latin, cyrillic in _DIGRAPHS:
        word = word.replace(latin, cyrillic)
    return word.translate(_CYRILLIC)


def in_both_scripts(words: list[str]) -> list[str]:
    """Each word in Latin and, if it can be so written, Cyrillic letters, so that every cut serves both scripts."""
    return list(
        dict.fromkeys(
            form for word in words for form in (word, in_serbian_cyrillic(word)) if is_one_script(form)
        )
    )


def main() -> None:
    try:
        wordfreq = import_module("wordfreq")
    except ImportError:
        sys.exit("wordfreq is not installed; run: pip install wordfreq==3.1.1")
    folder = DATA / "common-words"
    folder.mkdir(exist_ok=True)
    languages = tomllib.loads((DATA / "function-words.toml").read_text(encoding="utf-8"))
    available = wordfreq.available_languages("best")
    for language in sorted(languages):
        code = SOURCE_CODES.get(language, language)
        if code not in available:
            print(f"{language}: not in wordfreq, no list")
            continue
        limit = ENGLISH_WORDS if language == "en" else WORDS
        words = common_words(wordfreq.top_n_list(code, 2 * limit), limit)
        if language == "hr":
            words = in_both_scripts(words)
        (folder / f"{language}.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
        print(f"{language}: {len(words)} words")
    (DATA / "LICENSE.common-words").write_text(NOTICE, encoding="utf-8")


if __name__ == "__main__":
    main()
