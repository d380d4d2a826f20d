from __future__ import annotations

import gzip
import io
import sys
import zlib
from datetime import UTC, datetime
from itertools import accumulate

import brotli
import pytest

from crawler.captures import Capture
from crawler.refusals import Skipped
from crawler.warc import ArchiveRecord, Position, read_archive
from storage.values import SkipReason
from tests.support.archives import packed, page_record

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HTML = b"<html><body><p>The harbour was quiet.</p></body></html>"


def _records(data: bytes, after: Position | None = None) -> list[ArchiveRecord]:
    return list(read_archive(io.BytesIO(data), after))


def _told(records: list[ArchiveRecord]) -> list[str]:
    return [
        one.content.reason.value if isinstance(one.content, Skipped) else one.content.url for one in records
    ]


def _url(number: int) -> str:
    return f"https://a.example/{number}"


def _members(count: int) -> list[bytes]:
    return [gzip.compress(page_record(_url(number), HTML)) for number in range(count)]


def test_a_page_comes_out_as_it_was_fetched() -> None:
    record = page_record(_url(1), HTML, date="2026-05-01T10:20:30Z", content_type="text/html; charset=utf-8")
    [read] = _records(gzip.compress(record))
    assert read == ArchiveRecord(
        Position(0, 1),
        _url(1),
        Capture(_url(1), HTML, "text/html; charset=utf-8", datetime(2026, 5, 1, 10, 20, 30, tzinfo=UTC)),
    )


@pytest.mark.parametrize("form", ["members", "one gzip", "plain"])
def test_every_form_of_archive_is_read_and_resumed(form: str) -> None:
    data = packed([page_record(_url(number), HTML) for number in range(6)], form)
    records = _records(data)
    assert _told(records) == [_url(number) for number in range(6)]
    for index, record in enumerate(records):
        assert _told(_records(data, record.position)) == [_url(number) for number in range(index + 1, 6)]


@pytest.mark.parametrize("damage", ["garbage", "bits"])
def test_damage_costs_the_record_it_hit_and_no_other(damage: str) -> None:
    members = _members(6)
    if damage == "garbage":
        members.insert(3, b"\x1f\x8b\x08garbage" * 30)
    else:
        members[3] = members[3][:40] + b"\xff\xff\xff\xff" + members[3][44:]
    told = _told(_records(b"".join(members)))
    whole = [_url(number) for number in range(6) if damage == "garbage" or number != 3]
    assert [one for one in told if one.startswith("https:")] == whole
    assert told.count("malformed_warc") == 1


def test_damage_in_a_plain_archive_is_passed_too() -> None:
    records = [page_record(_url(number), HTML) for number in range(4)]
    records[1] = b"\x00" * 500
    told = _told(_records(b"".join(records)))
    assert [one for one in told if one.startswith("https:")] == [_url(0), _url(2), _url(3)]
    assert "malformed_warc" in told


def _packed(records: list[bytes], form: str) -> bytes:
    return b"".join(map(zstd.compress, records)) if form == "zstd" else packed(records, form)


@pytest.mark.parametrize("form", ["members", "one gzip", "plain", "zstd"])
def test_wherever_an_archive_is_cut_off_what_is_whole_comes_and_the_cut_is_told(form: str) -> None:
    records = [page_record(_url(number), HTML) for number in range(3)]
    data = _packed(records, form)
    parts = [data] if form == "one gzip" else [_packed([record], form) for record in records]
    ends = list(accumulate(map(len, parts)))
    for end in range(1, len(data) + 1):
        told = _told(_records(data[:end]))
        pages = [one for one in told if one.startswith("https:")]
        assert told == [*pages, *([] if end in ends else ["truncated"])], end
        assert pages == [_url(number) for number in range(len(pages))], end
        assert len(pages) >= sum(whole <= end for whole in ends), end


@pytest.mark.parametrize("form", ["members", "plain"])
def test_a_cut_in_what_is_no_page_is_told_too_and_costs_no_page(form: str) -> None:
    whole = packed([page_record(_url(1), HTML)], form)
    request = packed([page_record(_url(1), b"", kind="request")], form)
    for end in range(1, len(request)):
        assert _told(_records(whole + request[:end])) == [_url(1), "truncated"], end


@pytest.mark.parametrize("data", [b"", b"hello " * 5_000, bytes(range(256)) * 400, b"\x1f\x8b\x08" * 9])
def test_what_is_no_archive_gives_no_page(data: bytes) -> None:
    assert all(isinstance(one.content, Skipped) for one in _records(data))


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(HTML, mtime=0), HTML),
        ({"Content-Encoding": "br"}, brotli.compress(HTML), HTML),
        ({"Content-Encoding": "zstd"}, zstd.compress(HTML), HTML),
        ({"Content-Encoding": "deflate"}, zlib.compress(HTML), HTML),
        ({"Content-Encoding": "deflate"}, zlib.compress(HTML, wbits=-15), HTML),
        ({"Content-Encoding": "zstd"}, HTML, HTML),
        ({"Content-Encoding": "deflate"}, HTML, HTML),
        ({"Transfer-Encoding": "chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(HTML), HTML), HTML),
        ({"Content-Encoding": "gzip"}, HTML, HTML),
        ({"Transfer-Encoding": "chunked"}, HTML, HTML),
        ({"Content-Encoding": "zstd-unknown"}, HTML, HTML),
    ],
    ids=[
        "gzip",
        "brotli",
        "zstd",
        "deflate",
        "bare deflate",
        "zstd claimed only",
        "deflate claimed only",
        "chunked",
        "gzip claimed only",
        "chunked claimed only",
        "unknown coding",
    ],
)
def test_codings_are_undone_where_they_are_there(
    headers: dict[str, str], body: bytes, expected: bytes
) -> None:
    [read] = _records(gzip.compress(page_record(_url(1), body, headers=headers)))
    assert isinstance(read.content, Capture)
    assert read.content.body == expected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (page_record(_url(1), HTML, status=404), SkipReason.NOT_FOUND),
        (page_record(_url(1), HTML, status=301), SkipReason.HTTP_ERROR),
        (page_record("ftp://a.example/1", HTML), SkipReason.BAD_URL),
        (page_record(_url(1), b"\xff\xd8", content_type="image/jpeg"), SkipReason.NOT_HTML),
        (page_record(_url(1), HTML, warc={"WARC-Truncated": "disconnect"}), SkipReason.TRUNCATED),
        (page_record(_url(1), b"x" * 9_000_000), SkipReason.TOO_LARGE),
        (
            page_record(_url(1), gzip.compress(b"0" * 90_000_000), headers={"Content-Encoding": "gzip"}),
            SkipReason.TOO_LARGE,
        ),
    ],
    ids=["missing", "redirect", "scheme", "picture", "cut off", "large", "bomb"],
)
def test_what_is_no_page_is_refused_with_a_reason(record: bytes, reason: SkipReason) -> None:
    [read] = _records(gzip.compress(record))
    assert isinstance(read.content, Skipped)
    assert read.content.reason is reason


def test_requests_and_metadata_are_passed_over() -> None:
    kinds = ("warcinfo", "request", "metadata", "revisit")
    records = [page_record(_url(number), HTML, kind=kind) for number, kind in enumerate(kinds)]
    assert _records(packed([*records, page_record(_url(9), HTML)], "members"))[0].url == _url(9)


@pytest.mark.parametrize("body", [b"", b"no archive at all", b"\0" * 90, gzip.compress(b"", mtime=0)])
def test_a_file_without_a_record_is_told_so(body: bytes) -> None:
    (record,) = read_archive(io.BytesIO(body))
    assert isinstance(record.content, Skipped)
    assert record.content.reason is SkipReason.MALFORMED_WARC
    assert record.is_damaged
