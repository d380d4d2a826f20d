from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path

STORY = (
    "The harbour authority of Northwick said on Monday that the old lighthouse would be sold to a local trust for "
    "one pound, ending eleven years of argument about who should pay for its repair. Trustees promised to open the "
    "tower to visitors by June and to keep the lamp burning every night. Councillor Mary Oakes, who led the talks, "
    "called the sale a relief for taxpayers and a gift to the town. Engineers think the work will cost 340,000 pounds."
)
OTHER = (
    "Rain stopped play at the county ground for the third afternoon in a row, leaving captain Joe Farrell to wonder "
    "whether his side could still force a result before Thursday. The visitors had reached 212 for four, with Amir "
    "Shah unbeaten on 97, when umpires took the players off shortly after lunch and sent the crowd home early."
)


def line(**fields: object) -> str:
    return json.dumps(fields) + "\n"


LINES = [
    line(id="a", text=STORY, title="Lighthouse sold", source="One", published_at="2026-05-04T09:30:00Z"),
    line(
        id="b",
        text=f"Advertisement\n\n{STORY}\n\nSign up here.",
        source="Two",
        published_at="2026-05-04T12:00:00Z",
    ),
    line(id="c", text=OTHER, language="en"),
    line(id="d", text=STORY, published_at="2026-05-05"),
]


def run(folder: Path, lines: list[str], *options: str) -> Result:
    (folder / "in.jsonl").write_text("".join(lines), encoding="utf-8")
    outputs = ("--pairs", str(folder / "p.jsonl"), "--clusters", str(folder / "c.jsonl"))
    return CliRunner().invoke(main, ["dedup", str(folder / "in.jsonl"), *outputs, *options])


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def test_copies_in_a_file_come_out_as_pairs_and_clusters(tmp_path: Path) -> None:
    result = run(tmp_path, LINES)
    assert result.exit_code == 0
    assert result.stdout == ""
    pairs = rows(tmp_path / "p.jsonl")
    assert {(pair["id_a"], pair["id_b"]): pair["label"] for pair in pairs} == {
        ("a", "b"): "near",
        ("a", "d"): "exact",
    }
    assert set(pairs[0]) == {
        *(
            "id_a",
            "id_b",
            "label",
            "relation",
            "joins_cluster",
            "similarity",
            "containment_a",
            "containment_b",
        ),
        *("replaced_ratio", "synonym_ratio", "anchor_agreement_ratio"),
    }
    assert rows(tmp_path / "c.jsonl") == [
        {
            "cluster_id": "a",
            "canonical_id": "a",
            "member_ids": ["a", "b", "d"],
            "labels": {"exact": 1, "near": 1},
        }
    ]
    assert "4 documents" in result.stderr
    assert "documents a second, peak memory" in result.stderr


def test_output_is_byte_identical_under_any_order_of_lines(tmp_path: Path) -> None:
    lines = [*LINES, line(id="a", text=OTHER), line(id="c", text=STORY, title="twice")]
    outputs = set()
    for seed in range(4):
        random.Random(seed).shuffle(lines)  # noqa: S311  a test's order is no secret
        assert run(tmp_path, lines, "-q").exit_code == 0
        outputs.add((tmp_path / "p.jsonl").read_bytes() + (tmp_path / "c.jsonl").read_bytes())
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{broken\n", "not JSON"),
        ("[1]\n", "a JSON object is wanted, not list"),
        ("[" * 100_000 + "\n", "not JSON"),
        (line(id=7, text="x"), "'id' must be a non-empty string, got 7"),
        (line(text="x"), "'id' must be a non-empty string, got nothing"),
        (line(id="e"), "'text' must be a string, got nothing"),
        (line(id="e", text=" \n"), "'text' of 'e' is empty"),
        (line(id="a", text=STORY), "id 'a' was given before"),
    ],
)
def test_a_bad_line_is_named_and_counted_and_the_rest_is_read(tmp_path: Path, bad: str, message: str) -> None:
    result = run(tmp_path, [*LINES, bad])
    assert result.exit_code == 0
    assert f"warning: line 5: {message}" in result.stderr
    assert "refused: 1 " in result.stderr
    assert len(rows(tmp_path / "p.jsonl")) == 2


def test_a_bad_optional_field_is_left_out_and_the_document_kept(tmp_path: Path) -> None:
    result = run(tmp_path, [*LINES, line(id="e", text=STORY, published_at="yesterday", title=3)])
    assert "'published_at' of 'e' is left out: 'yesterday' is not ISO-8601" in result.stderr
    assert "fields left out: 2" in result.stderr
    assert rows(tmp_path / "c.jsonl")[0]["member_ids"] == ["a", "b", "d", "e"]


def test_strict_stops_at_the_first_problem_and_writes_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, ["nonsense\n", *LINES], "--strict")
    assert result.exit_code == 1
    assert "stopped at line 1 because of --strict" in result.stderr
    assert not (tmp_path / "p.jsonl").exists()


def test_many_bad_lines_are_named_up_to_a_limit(tmp_path: Path) -> None:
    result = run(tmp_path, ["nonsense\n"] * 50)
    assert result.stderr.count("not JSON") == 20
    assert "30 more problems of this input" in result.stderr


def test_a_file_of_which_all_lines_are_refused_is_a_failure_and_an_empty_one_is_not(tmp_path: Path) -> None:
    refused = run(tmp_path, ["nonsense\n", line(id="a", text=" ")])
    assert refused.exit_code == 1
    last = refused.stderr.splitlines()[-1]
    assert last == "Error: no line gave a document, all were refused (1 empty_text, 1 malformed_line)"
    assert run(tmp_path, []).exit_code == 0


def test_gzip_in_and_out_with_equal_bytes(tmp_path: Path) -> None:
    packed, pairs = tmp_path / "in.gz", tmp_path / "p.jsonl.gz"
    packed.write_bytes(gzip.compress("".join(LINES).encode()))
    written = set()
    for _ in range(2):
        assert CliRunner().invoke(main, ["dedup", str(packed), "--pairs", str(pairs)]).exit_code == 0
        written.add(pairs.read_bytes())
    assert len(written) == 1
    assert gzip.decompress(written.pop()).count(b"\n") == 2


def test_a_damaged_gzip_file_fails_with_a_clear_message(tmp_path: Path) -> None:
    packed = tmp_path / "in.gz"
    packed.write_bytes(gzip.compress("".join(LINES).encode())[:-20])
    result = CliRunner().invoke(main, ["dedup", str(packed), "--pairs", str(tmp_path / "p")])
    assert result.exit_code == 1
    assert "the compressed data is damaged or ends early" in result.stderr
    assert not (tmp_path / "p").exists()


def test_standard_streams_work_in_a_real_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newsdedup", "dedup", "-", "--clusters", "-", "-q"],
        input="".join(LINES).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["member_ids"] == ["a", "b", "d"]
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["dedup"], 2, "Missing argument 'IN.jsonl'"),
        (["dedup", "x"], 2, "give --pairs FILE, --clusters FILE or both"),
        (["dedup", "x", "--pairs", "-", "--clusters", "-"], 2, "--pairs and --clusters cannot both be '-'"),
        (["dedup", "/no/such/file", "--pairs", "-"], 1, "'/no/such/file': no such file or directory"),
        (["dedup", "x", "--no-such-option"], 2, "No such option"),
        (["no-such-command"], 2, "No such command"),
    ],
)
def test_wrong_use_is_told_with_its_exit_code(arguments: list[str], exit_code: int, message: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unwritable_output_leaves_nothing_behind(tmp_path: Path) -> None:
    result = run(tmp_path, LINES, "--pairs", str(tmp_path / "missing" / "p.jsonl"))
    assert result.exit_code == 1
    assert f"{str(tmp_path / 'missing')!r}: no such file or directory" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
