"""What each row of the result table should reach: recall of copies, share of pairs reported among others.

Must not change after a result is known.
"""

from __future__ import annotations

RECALL_GOALS = {
    "verbatim": 0.999,
    "excerpt": 0.98,
    "edited": 0.995,
    "spun, WordNet one sense, 25%": 0.995,
    "spun, WordNet any sense, 25%": 0.995,
    "spun, WordNet one sense, 50%": 0.99,
    "spun, WordNet any sense, 50%": 0.99,
    "spun, WordNet one sense, 100%": 0.97,
    "spun, WordNet any sense, 100%": 0.97,
    "spun, phrase list, 50%": 0.99,
    "spun, phrase list, 100%": 0.97,
    "spun, unknown lexicon (Moby), 50%": 0.99,
    "spun, unknown lexicon (Moby), 100%": 0.95,
    "spun French": 0.97,
    "spun German": 0.97,
    "teacher rewrite, Adv-Int": 0.99,
    "teacher rewrite, Adv-Ele": 0.95,
    "machine rewrite, GPT-4 word polish": 0.95,
    "machine rewrite, Llama 2 word polish": 0.85,
    "machine rewrite, GPT-4 sentence polish": 0.75,
    "machine rewrite, Llama 2 sentence polish": 0.75,
    "machine rewrite, GPT-4 full rewrite": 0.50,
    "machine rewrite, Llama 2 full rewrite": 0.50,
    "Wikipedia": 0.97,
}
FALSE_GOALS = {
    "same event, other outlet": 0.005,
    "templated reports, 500 best aligned": 0.01,
}
PRECISION_GOAL = 0.99
BCUBED_GOAL = 0.98


def recall_goal(row: str) -> float | None:
    """The goal of a row, where there is one: that of the longest name that the row's name starts with."""
    fitting = [name for name in RECALL_GOALS if row.startswith(name)]
    return RECALL_GOALS[max(fitting, key=len)] if fitting else None
