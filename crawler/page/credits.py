"""The news agency that a text credits.

Must not decide who copied whom; a credit is evidence for those who do.
"""

from __future__ import annotations

import re

_AGENCIES = (
    ("Reuters", r"Reuters"), ("AFP", r"AFP|Agence France[- ]Presse"), ("AP", r"AP|Associated Press"),
    ("dpa", r"dpa(?:-\w+)?|Deutsche Presse-Agentur"), ("PA", r"PA Media|Press Association|PA"), ("UPI", r"UPI"),
    ("ANSA", r"ANSA"), ("EFE", r"EFE|Agencia EFE"), ("Europa Press", r"Europa Press|EP"), ("Xinhua", r"Xinhua|新华社|新華社"),
    ("TASS", "TASS|\u0422\u0410\u0421\u0421"), ("RIA", r"RIA Novosti|РИА Новости"), ("Interfax", r"Interfax|Интерфакс"),
    ("Ukrinform", r"Ukrinform|Укрінформ"), ("Kyodo", r"Kyodo(?: News)?|共同通信"), ("Jiji", r"Jiji Press|時事通信"),
    ("Yonhap", r"Yonhap|연합뉴스"), ("PTI", r"PTI"), ("ANI", r"ANI"), ("IANS", r"IANS"), ("AAP", r"AAP"), ("Lusa", r"Lusa"),
    ("ANP", r"ANP"), ("Belga", r"Belga"), ("APA", r"APA"), ("Keystone-SDA", r"Keystone-SDA|SDA|ATS"), ("Ritzau", r"Ritzau"),
    ("NTB", r"NTB"), ("TT", r"TT"), ("STT", r"STT"), ("PAP", r"PAP"), ("ČTK", r"ČTK|CTK"), ("MTI", r"MTI"),
    ("Anadolu", "Anadolu(?: Agency| Ajans\u0131)?|AA"), ("Bloomberg", r"Bloomberg"), ("CNA", r"CNA|中央社"), ("epd", r"epd"),
    ("KNA", r"KNA"), ("SID", r"SID"), ("AFX", r"dpa-AFX"), ("The Canadian Press", r"The Canadian Press"), ("NAN", r"NAN"),
)  # fmt: skip
_HEAD_CHARS = 220
_TAIL_CHARS = 260
_BRACKETS = "([/"
_SOURCE = (
    r"(?:Source|Sources|Quelle|Fuente|Fonte|Bron|Źródło|Lähde|Källa|Kilde|With|Mit Material von)\s*:?\s+"
)
_NAMES_SOURCE = re.compile(_SOURCE)
_PATTERNS = tuple(
    (
        name,
        # A dateline "PARIS (AFP) -" or "LONDON, Feb 3 (Reuters)", or a closing "(dpa)", "Source: AFP", "/PAP".
        re.compile(rf"[(\[/]\s*(?:[\w.]+\s*/\s*)?(?:{words})\s*(?:/\s*[\w.-]+\s*)?[)\]\-\u2013\u2014/]"),
        re.compile(rf"{_SOURCE}(?:\w+\s*[,/&]\s*)?(?:{words})\b"),
        re.compile(rf"^(?:{words})$"),
    )
    for name, words in _AGENCIES
)


def agency_credit(text: str, byline: str | None = None) -> str | None:
    """The agency named in dateline, closing line or byline, or None.

    >>> agency_credit("PARIS (AFP) - Ministers met on Monday.")
    'AFP'
    """
    edges = f"{text[:_HEAD_CHARS]}\n{text[-_TAIL_CHARS:]}" if len(text) > _HEAD_CHARS + _TAIL_CHARS else text
    names = [name.strip() for name in (byline or "").split(",")]
    # Most texts hold neither, and two searches for dozens of agencies are saved.
    has_bracket, has_source = any(mark in edges for mark in _BRACKETS), bool(_NAMES_SOURCE.search(edges))
    for agency, in_brackets, named, alone in _PATTERNS:
        if (
            (has_bracket and in_brackets.search(edges))
            or (has_source and named.search(edges))
            or any(alone.match(name) for name in names)
        ):
            return agency
    return None
