"""What a text admits of its origin is read from its edges and its canonical link, and nothing else is."""

from __future__ import annotations

import time

import pytest

from dedup.credit import Credit, credited_name, declared_host, find_credit, find_credits
from dedup.values import Document

BODY = "The river rose again on Monday and the council met. " * 30


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"LAGOS (Example Wire) - {BODY}", "Example Wire"),
        (f"WASHINGTON, Feb 9 (Reuters) \u2014 {BODY}", "Reuters"),
        (f"Berlin (dpa) - {BODY}", "dpa"),
        (f"Title of the story\n(AP) -- {BODY}", "AP"),
        (f"{BODY}\nThis article was originally published by Example Wire", "Example Wire"),
        (f"{BODY}\nThis story first appeared in The Daily Planet.", "The Daily Planet"),
        (f"{BODY}\nOriginally published by Bank of the North for the record", "Bank of the North"),
        (f"First published on Example Courier\n{BODY}", "Example Courier"),
        (f"{BODY}\nThe Associated Press contributed to this report.", "The Associated Press"),
        (f"{BODY}\nSource: Example Wire", "Example Wire"),
        (f"{BODY}\n\u00a9 2021 AFP", "AFP"),
        (f"Northern News Agency reports\n{BODY}", "Northern News Agency"),
        (f"{BODY}\nThis article was first published on Example Talk. Read the original.", "Example Talk"),
        (f"{BODY}\nOriginally published by U.S. Wire.", "U.S. Wire"),
        (f"By Jane Doe, Associated Press\n{BODY}", "Associated Press"),
        (f"By Reuters Staff\n{BODY}", "Reuters"),
        (f"{BODY}\nCopyright 2024 The Associated Press. All rights reserved.", "The Associated Press"),
        (f"{BODY}\n\u2014 AFP", "AFP"),
        (f"{BODY}\n(With inputs from PTI)", "PTI"),
        (f"{BODY}\nQuelle: dpa", "dpa"),
        (f"NEW DELHI: (PTI) {BODY}", "PTI"),
        (f"Islamabad [Pakistan], Nov 3 (ANI): {BODY}", "ANI"),
        (f"Madrid, 3 may (EFE).- {BODY}", "EFE"),
        (f"NEW YORK, May 3, 2020 /Example Newswire/ -- {BODY}", "Example Newswire"),
        (f"SAN FRANCISCO--(EXAMPLE WIRE)--{BODY}", "EXAMPLE WIRE"),
        (f"Hamburg/Berlin (dpa/lno) - {BODY}", "dpa/lno"),
        (f"AP - {BODY}", "AP"),
        (f"TOKYO, Kyodo: {BODY}", "Kyodo"),
        (f"{BODY}(AFP)", "AFP"),
        (f"{BODY} - Reuters", "Reuters"),
        (f"{BODY}\n(With PTI inputs)", "PTI"),
        (f"{BODY}\nAP writer Jane Doe in Paris contributed to this story.", "AP"),
    ],
)
def test_an_origin_named_at_the_edge_is_found(text: str, name: str) -> None:
    assert credited_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "",
        f"The company was founded in Espoo (Nokia) - {BODY}",
        f"{BODY}\nSource: he would not say",
        BODY
        + "LAGOS (Example Wire) - buried in the middle of a long text, where it is somebody else's. "
        + BODY,
        f"Mayor (left) - {BODY}",
        f"The Automobile Alliance (AAP) said on Monday. {BODY}",
        f"John Smith (Labour): I think that it rains. {BODY}",
        f"{BODY}\nThe square on Monday \u00a9 Jane Doe (AFP)",
        f"{BODY}\nReuters was sold.\nBy the AP he meant a paper\nAP exams are hard.",
    ],
)
def test_what_only_looks_like_a_credit_is_none(text: str) -> None:
    assert credited_name(text) is None


@pytest.mark.parametrize(
    ("own", "declared", "host"),
    [
        ("https://copy.test/1", "https://wire.test/a", "wire.test"),
        ("https://copy.test/1", "https://copy.test/canonical", None),
        (None, "https://wire.test/a", "wire.test"),
        ("https://copy.test/1", None, None),
        ("https://copy.test/1", "no address", None),
        ("https://copy.test/1", "http://www.copy.test/1", None),
        ("https://copy.test/1", "http://[wire", None),
    ],
)
def test_only_another_host_is_a_declared_original(
    own: str | None, declared: str | None, host: str | None
) -> None:
    assert declared_host(Document("x", "", url=own, declared_original_url=declared)) == host


def test_a_link_counts_before_words_whichever_document_has_it() -> None:
    words = Document("a", f"LAGOS (Example Wire) - {BODY}")
    link = Document("b", BODY, url="https://copy.test/1", declared_original_url="https://wire.test/a")
    expected = Credit("wire.test", "b", "wire.test")
    assert find_credit(words, link) == find_credit(link, words) == expected
    assert find_credit(words, Document("c", BODY)) == Credit("Example Wire", "a")
    assert find_credit(Document("c", BODY), Document("d", BODY)) is None


def test_of_two_names_the_same_is_chosen_whichever_text_comes_first() -> None:
    one, other = Document("a", f"(REUTERS) - {BODY}"), Document("b", f"(AP) - {BODY}")
    swapped = Document("b", one.text), Document("a", other.text)
    found = find_credit(one, other), find_credit(*swapped)
    assert [credit and credit.name for credit in found] == ["AP", "AP"]


def test_a_document_can_declare_both() -> None:
    both = Document(
        "b", f"(AP) - {BODY}", url="https://copy.test/1", declared_original_url="https://wire.test/a"
    )
    assert [credit.name for credit in find_credits(both)] == ["wire.test", "AP"]


@pytest.mark.parametrize(
    "filler", ["A" * 4000, "A. " * 2000, "Ab " * 2000, "(" * 4000, "1 " * 3000, "This article was " * 500]
)
def test_hostile_text_costs_little(filler: str) -> None:
    start = time.process_time()
    credited_name(filler)
    assert time.process_time() - start < 1
