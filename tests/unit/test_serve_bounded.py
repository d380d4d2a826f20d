from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from newsdedup.serve.server import Bounded

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ask_while_busy(*, scope_type: str = "http") -> tuple[list[Message], list[Message]]:
    """What is sent to a second request while the first is under way, and to a third once it is done."""
    finish, begun = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  an application
        begun.set()
        await finish.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    bounded = Bounded(app, most=1)

    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await bounded({"type": scope_type}, _receive, send)
        return sent

    first = asyncio.create_task(ask())
    await begun.wait()
    second = asyncio.create_task(ask())
    await asyncio.sleep(0)
    finish.set()
    await first
    return await second, await ask()


def test_a_request_beyond_the_bound_is_told_when_to_come_again_and_the_next_is_answered() -> None:
    refused, answered = asyncio.run(_ask_while_busy())
    assert (refused[0]["status"], dict(refused[0]["headers"])[b"retry-after"]) == (503, b"2")
    assert answered[0]["status"] == 200


def test_what_is_no_request_is_never_refused() -> None:
    answers = asyncio.run(_ask_while_busy(scope_type="lifespan"))
    assert [answer[0]["status"] for answer in answers] == [200, 200]
