"""How far a re-index has come, kept in the database, so that a killed one is continued; re-indexes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.errors import StorageError
from storage.index import clear_index
from storage.models import Article, Signature
from storage.settings import read_setting, write_setting
from storage.signatures import FINGERPRINT_SETTING, require_fingerprint
from storage.values import DedupState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.engine import Sessions
    from storage.values import JsonValue

_STATE_SETTING = "reindex"
LEARN, SIGN, INDEX, RESOLVE = "learn", "sign", "index", "resolve"


def begin(sessions: Sessions, config: DedupConfig) -> tuple[str, int]:
    """The stage to go on with, and after which article: where a killed call was, or the first."""
    with sessions.begin() as session:
        state = read_setting(session, _STATE_SETTING)
        if isinstance(state, dict) and state["target"] == _target(config) and not state.get("only_judges"):
            after = state.get("after", 0)
            return str(state["stage"]), after if isinstance(after, int) else 0
        note(session, config, LEARN)
        write_setting(session, FINGERPRINT_SETTING, config.signature_fingerprint)
        clear_index(session)
        session.execute(update(Signature).values(is_indexed=False))
        return LEARN, 0


def begin_judging(sessions: Sessions, config: DedupConfig) -> None:
    """Go on with the last stage of a killed call, or make all articles pending and begin it. Writes and commits.

    Raises:
        StorageError: the index is of another configuration, or a killed re-index has not filled it yet.
    """
    with sessions.begin() as session:
        require_fingerprint(session, config)
        state = read_setting(session, _STATE_SETTING)
        if isinstance(state, dict) and state["stage"] != RESOLVE:
            raise StorageError("a re-index was stopped half way; run: newsdedup db reindex")
        if not isinstance(state, dict) or state["target"] != _target(config):
            note(session, config, RESOLVE, only_judges=True)
            _make_pending(session, config)


def _target(config: DedupConfig) -> list[JsonValue]:
    return [config.signature_fingerprint, config.detector_fingerprint]


def note(
    session: Session, config: DedupConfig, stage: str, after: int = 0, *, only_judges: bool = False
) -> None:
    """Note how far a re-index has come: its stage, and the article after which that goes on. Writes."""
    state: dict[str, JsonValue] = {"target": _target(config), "stage": stage, "after": after}
    write_setting(session, _STATE_SETTING, state | {"only_judges": only_judges})


def enter(sessions: Sessions, config: DedupConfig, stage: str) -> None:
    """Begin a stage; before the last all articles that were signed anew become pending. Writes and commits."""
    with sessions.begin() as session:
        note(session, config, stage)
        if stage == RESOLVE:
            _make_pending(session, config)


def _make_pending(session: Session, config: DedupConfig) -> None:
    current = select(Signature.article_id).where(
        Signature.signature_fingerprint == config.signature_fingerprint
    )
    session.execute(
        update(Article)
        .where(Article.id.in_(current))
        .values(dedup_state=DedupState.PENDING)
        .execution_options(synchronize_session=False)
    )


def finish(sessions: Sessions) -> None:
    """Note that nothing is left to do. Writes and commits."""
    with sessions.begin() as session:
        write_setting(session, _STATE_SETTING, None)
