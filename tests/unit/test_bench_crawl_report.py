from __future__ import annotations

from bench.crawl_report import NOTES, compose


def _crawl(name: str, seconds: float, processor_seconds: float) -> dict[str, object]:
    return {
        "name": name,
        "page_count": 100,
        "article_count": 100,
        "seconds": seconds,
        "processor_seconds": processor_seconds,
        "memory": [],
        "load": 1.0,
        "failure": None,
    }


def test_the_report_says_what_was_missed_and_ends_with_the_notes() -> None:
    bare = {"page_count": 100, "seconds": 1.0, "processor_seconds": 2.0}
    report = compose([_crawl("newsdedup", 1.2, 3.0), _crawl("a peer", 2.5, 2.5)], None, bare)
    assert "of the best peer (a peer): 2.08 times, **reached**" in report
    # as fast as asked by the clock alone is not as fast as asked
    assert "1.20 times on the clock, 1.50 times of processor, **missed**" in report
    assert report.endswith(NOTES.read_text(encoding="utf-8"))
