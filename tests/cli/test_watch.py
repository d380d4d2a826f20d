from __future__ import annotations

import json
import socket
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.watch import WatchRequest, find_own_copies, note_told, post_copies
from newsdedup.jobs.webhook import Webhook, post_json
from storage.engine import make_sessions, open_engine
from tests.support.certificates import certificate_for
from tests.support.hook_server import receive
from tests.support.lighthouse import SPUN, STORY, article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.engine import Sessions

OWN = ("--domain", "courier.example", "--fail-on", "new")


def run(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["watch", *arguments, "--database", str(database), "--format", "json"])


def copies_in(result: Result) -> set[str]:
    return {copy["copy_source"] for copy in json.loads(result.stdout)["copies"]}


@pytest.fixture
def fresh(database: Path, tmp_path: Path) -> Path:
    """A database in which nobody has watched yet."""
    source, target = sqlite3.connect(database), sqlite3.connect(tmp_path / "news.db")
    source.backup(target)  # with what still stands in the log beside the file
    source.close()
    target.close()
    return tmp_path / "news.db"


@pytest.fixture
def sessions(fresh: Path) -> Iterator[Sessions]:
    engine = open_engine(f"sqlite:///{fresh}")
    yield make_sessions(engine)
    engine.dispose()


def test_a_site_may_be_named_by_its_address_and_one_that_is_not_stored_is_told(fresh: Path) -> None:
    told = run(fresh, "--domain", "https://WWW.courier.example/", "--dry-run")
    assert copies_in(told) == {"Post", "Buzz"}
    assert told.stderr == ""
    unknown = run(fresh, "--domain", "münchen.example", "--dry-run")
    assert "nothing of xn--mnchen-3ya.example is stored" in unknown.stderr
    for wrong in ("two words", "courier.example/news", "https://", ""):
        assert run(fresh, "--domain", wrong).exit_code == 2


def test_new_copies_are_posted_once_as_the_json_that_is_printed(fresh: Path) -> None:
    with receive() as hook:
        options = (*OWN, "--webhook", hook.url, "--allow-private", "127.0.0.1")
        first = run(fresh, *options)
        assert first.exit_code == 3
        assert hook.bodies == [json.loads(first.stdout)]
        assert hook.paths == ["/hooks/s3cret?room=7"]
        assert hook.headers[0]["Content-Type"] == "application/json"
        assert run(fresh, *options).exit_code == 0
        assert len(hook.bodies) == 1


def test_what_the_webhook_did_not_accept_is_told_again(fresh: Path) -> None:
    with receive(403) as hook:
        options = (*OWN, "--webhook", hook.url, "--allow-private", "127.0.0.1")
        refused = run(fresh, *options)
        assert refused.exit_code == 1
        assert "answered 403" in refused.stderr
        assert "s3cret" not in refused.stderr
        assert run(fresh, *options).exit_code == 3
        assert hook.bodies[0] == hook.bodies[1]
        assert hook.headers[0]["Idempotency-Key"] == hook.headers[1]["Idempotency-Key"]
        assert run(fresh, *options).exit_code == 0


def test_lots_that_were_accepted_are_not_told_again(sessions: Sessions) -> None:
    request = WatchRequest(("courier.example",))
    with receive(200, 400) as hook:
        post = Webhook(hook.url, ("127.0.0.1",))
        watched = find_own_copies(sessions, request)
        with pytest.raises(JobError, match="answered 400"):
            post_copies(sessions, watched, post, notes=True, copies_a_post=1)
        again = find_own_copies(sessions, request)
        assert [copy.copy.id for copy in again.copies] == [copy.copy.id for copy in watched.copies[1:]]
        post_copies(sessions, again, post, notes=True, copies_a_post=1)
        note_told(sessions, again)
    assert find_own_copies(sessions, request).copies == ()
    told = [body["copies"][0]["copy_id"] for body in hook.bodies]
    assert sorted(set(told)) == sorted(copy.copy.id for copy in watched.copies)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_receiver_in_trouble_is_tried_again_a_few_times(status: int) -> None:
    pauses = list[float]()
    with receive(status, status) as hook:
        post_json(Webhook(hook.url, ("127.0.0.1",), (1.0, 4.0), pauses.append), "{}")
        assert (len(hook.bodies), pauses) == (3, [1.0, 4.0])
    with receive(*[status] * 9) as hook:
        with pytest.raises(JobError, match=f"answered {status}"):
            post_json(Webhook(hook.url, ("127.0.0.1",), (1.0, 4.0), pauses.append), "{}")
        assert len(hook.bodies) == 3


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410])
def test_a_refusal_or_a_redirect_is_final(status: int) -> None:
    with receive(status) as hook:
        with pytest.raises(JobError, match=f"answered {status}"):
            post_json(Webhook(hook.url, ("127.0.0.1",)), "{}")
        assert len(hook.bodies) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "printer.local"])
def test_private_hosts_are_refused_unless_allowed(fresh: Path, host: str) -> None:
    with receive() as hook:
        result = run(fresh, *OWN, "--webhook", hook.url.replace("127.0.0.1", host))
        assert result.exit_code == 1
        assert "--allow-private" in result.stderr or "not known" in result.stderr
        assert hook.bodies == []
    assert copies_in(run(fresh, *OWN)) == {"Post", "Buzz"}  # nothing was noted as told


def test_the_allowance_is_for_the_named_host_alone() -> None:
    with receive() as hook, pytest.raises(JobError, match="not a public address"):
        post_json(Webhook(hook.url, ("other.example",)), "{}")


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "file:///etc/passwd", "hooks.example", "http://"])
def test_what_is_no_web_address_is_refused_before_anything_is_asked(fresh: Path, url: str) -> None:
    result = run(fresh, *OWN, "--webhook", url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no http or https address" in result.stderr


def test_over_https_the_certificate_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = (certificate_for(name, tmp_path) for name in ("localhost", "other.example"))
    with receive(certificate=ours) as hook:
        named = hook.url.replace("127.0.0.1", "localhost")
        post = Webhook(named, ("localhost",), (0.0,))
        with pytest.raises(JobError, match="certificate: self-signed"):
            post_json(post, '{"copies": []}')
        monkeypatch.setenv("SSL_CERT_FILE", str(ours))  # how a user trusts a house's own authority
        post_json(post, '{"copies": []}')
        assert hook.bodies == [{"copies": []}]
    with receive(certificate=theirs) as hook:
        monkeypatch.setenv("SSL_CERT_FILE", str(theirs))
        with pytest.raises(JobError, match=r"certificate: .*localhost"):
            post_json(Webhook(hook.url.replace("127.0.0.1", "localhost"), ("localhost",), (0.0,)), "{}")
        assert hook.bodies == []


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "https://hook.example:99999/s3cret",
        "https://hook.example:x/s3cret",
        "https://hook.example:0/",
    ],
)
def test_an_address_that_is_none_is_told_without_its_path(fresh: Path, url: str) -> None:
    refused = run(fresh, *OWN, "--webhook", url)
    assert (refused.exit_code, refused.stderr.startswith("Error: ")) == (1, True)
    assert "s3cret" not in refused.stderr


def test_nobody_listening_is_an_error_and_nothing_is_noted(sessions: Sessions) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # held, so that nobody else listens there meanwhile
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        request = WatchRequest(("courier.example",))
        hook = Webhook(url, ("127.0.0.1",), (0.0,))
        watched = find_own_copies(sessions, request)
        with pytest.raises(JobError, match="refused"):
            post_copies(sessions, watched, hook, notes=True)
    assert find_own_copies(sessions, request).copies == watched.copies


def test_nothing_new_posts_nothing_and_a_dry_run_neither_posts_nor_notes(fresh: Path) -> None:
    with receive() as hook:
        options = ("--webhook", hook.url, "--allow-private", "127.0.0.1")
        assert run(fresh, *OWN, *options, "--dry-run").exit_code == 3
        assert run(fresh, "--domain", "nobody.example", *options).exit_code == 0
        assert hook.bodies == []
        assert run(fresh, *OWN, *options).exit_code == 3


def test_a_watch_since_a_time_leaves_the_mark_of_the_last_one(fresh: Path) -> None:
    assert run(fresh, *OWN, "--since", "2999-01-01").exit_code == 0
    assert run(fresh, *OWN, "--since", "2000-01-01").exit_code == 3
    assert run(fresh, *OWN, "--since", "2000-01-01").exit_code == 3
    assert copies_in(run(fresh, *OWN)) == {"Post", "Buzz"}


def test_a_subdomain_is_one_s_own_and_a_lookalike_is_not(sessions: Sessions) -> None:
    assert find_own_copies(sessions, WatchRequest(("example",))).copies == ()  # all are own
    assert find_own_copies(sessions, WatchRequest(("rier.example",))).copies == ()
    copies: Any = find_own_copies(sessions, WatchRequest(("courier.example",), licensed=("example",))).copies
    assert copies == ()


def _imported(folder: Path, *entries: dict[str, str]) -> Path:
    (folder / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))
    words = ["import", str(folder / "in.jsonl"), "--database", str(folder / "n.db"), "-q"]
    assert CliRunner().invoke(main, words).exit_code == 0
    return folder / "n.db"


_OWN = article(1, "courier.example", STORY, "2026-05-04T08:00:00Z")
_SPUN = [
    article(number, host, SPUN, f"2026-05-05T0{number}:00:00Z")
    for number, host in enumerate(("buzz.example", "echo.example", "hub.example"), start=3)
]


def test_every_site_that_carries_one_spun_text_is_told(tmp_path: Path) -> None:
    news = _imported(tmp_path, _OWN, *_SPUN)
    told = json.loads(run(news, *OWN).stdout)["copies"]
    assert {(copy["copy_source"], copy["label"]) for copy in told} == {
        ("Buzz", "spun"), ("Echo", "spun"), ("Hub", "spun"),
    }  # fmt: skip
    assert copies_in(run(news, *OWN)) == set()


def test_who_joins_later_with_a_known_copy_is_told_then(tmp_path: Path) -> None:
    news = _imported(tmp_path, _OWN, _SPUN[0])
    assert copies_in(run(news, *OWN)) == {"Buzz"}
    _imported(tmp_path, _SPUN[1])
    assert copies_in(run(news, *OWN)) == {"Echo"}
    _imported(tmp_path, article(9, "mirror.example", STORY, "2026-05-06T09:00:00Z"))
    assert copies_in(run(news, *OWN)) == {"Mirror"}
    licensed = tmp_path / "partners.txt"
    licensed.write_text("buzz.example\n")
    assert copies_in(run(news, *OWN, "--licensed", str(licensed))) == {"Echo", "Mirror"}


def test_a_copy_of_what_a_partner_took_word_by_word_is_told(tmp_path: Path) -> None:
    partner = article(2, "aaa.example", STORY, "2026-05-04T07:59:00Z")
    news = _imported(tmp_path, partner)
    _imported(tmp_path, {**_OWN, "published_at": "2026-05-04T07:00:00Z"}, *_SPUN[:2])
    assert copies_in(run(news, *OWN)) == {"Aaa", "Buzz", "Echo"}


def test_the_copies_of_one_pair_are_posted_together(tmp_path: Path) -> None:
    news = _imported(
        tmp_path, _OWN, *_SPUN, article(8, "post.example", f"{STORY} Read on.", "2026-05-06T09:00:00Z")
    )
    engine = open_engine(f"sqlite:///{news}")
    sessions = make_sessions(engine)
    with receive(200, 400) as hook:
        watched = find_own_copies(sessions, WatchRequest(("courier.example",)))
        lots = Webhook(hook.url, ("127.0.0.1",), ())
        with pytest.raises(JobError):
            post_copies(sessions, watched, lots, notes=True, copies_a_post=1)
        sent = {copy["copy_source"] for copy in hook.bodies[0]["copies"]}
        left = {
            copy.copy.source.name
            for copy in find_own_copies(sessions, WatchRequest(("courier.example",))).copies
        }
        assert sent | left == {"Buzz", "Echo", "Hub", "Post"}
        assert not sent & left
    engine.dispose()
