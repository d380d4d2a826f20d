"""The web application: which page an address means, and what every answer carries for safety.

Must not render or write: `newsdedup.reports.html` renders, and the sessions only read.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from newsdedup.jobs.answers import read_evidence
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.html_pages import overview_page, sources_page
from newsdedup.reports.html.addresses import CLUSTERS, OVERVIEW, PAIRS, SOURCES, cluster_page, pair_page
from newsdedup.reports.html.environment import style_sheet
from newsdedup.serve.filters import (
    BadFilterError,
    cluster_filter,
    cluster_form,
    cut,
    paging_of,
    pair_filter,
    pair_form,
)
from storage.cluster_lists import count_clusters, list_clusters
from storage.details import cluster_detail
from storage.engine import KEPT_CONNECTIONS
from storage.errors import StorageError
from storage.pair_lists import count_pairs, list_pairs
from storage.sources import source_names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dedup import DedupConfig
    from newsdedup.reports.html.pages import Pages
    from storage.engine import ReadingSessions


_LARGEST_ID = 2**63 - 1
_RETRY_SECONDS = 10
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def build_app(
    sessions: ReadingSessions, pages: Pages, config: DedupConfig, allowed_hosts: Sequence[str]
) -> Starlette:
    """The application; a request whose Host header names none of the hosts is refused (DNS rebinding)."""
    views = _Views(sessions, pages, config)
    return Starlette(
        routes=[
            Route("/", views.page(overview_page)),
            Route(f"/{OVERVIEW}", views.page(overview_page)),
            Route(f"/{SOURCES}", views.page(sources_page)),
            Route(f"/{CLUSTERS}", views.clusters),
            Route(f"/{PAIRS}", views.pairs),
            Route("/clusters/{id:int}.html", views.cluster),
            Route("/pairs/{low:int}-{high:int}.html", views.pair),
            Route("/style.css", views.style),
        ],
        middleware=[
            Middleware(_SafetyHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False),
        ],
        lifespan=_bounded_threads,
        exception_handlers={
            HTTPException: views.http_problem,
            BadFilterError: views.bad_filter,
            StorageError: views.storage_problem,
        },
    )


@asynccontextmanager
async def _bounded_threads(_app: Starlette) -> AsyncIterator[None]:
    """Readers wait for a thread as long as it takes; for a connection they would not."""
    current_default_thread_limiter().total_tokens = KEPT_CONNECTIONS
    yield


class _Views:
    """A method a page; they run in threads, each with a session of its own."""

    def __init__(self, sessions: ReadingSessions, pages: Pages, config: DedupConfig) -> None:
        self.sessions = sessions
        self.pages = pages
        self.config = config

    def page(self, render: Callable[[Session, Pages], str]) -> Callable[[Request], Response]:
        """A view that needs no more than the database."""

        def view(_request: Request) -> Response:
            with self.sessions() as session:
                return HTMLResponse(render(session, self.pages))

        return view

    def clusters(self, request: Request) -> Response:
        """The list of clusters."""
        typed = request.query_params
        wanted = cluster_filter(typed)
        with self.sessions() as session:
            form = cluster_form(typed, source_names(session))
            paging = paging_of(typed, form, CLUSTERS, count_clusters(session, wanted))
            return HTMLResponse(
                self.pages.clusters(list_clusters(session, cut(wanted, paging)), paging, form)
            )

    def pairs(self, request: Request) -> Response:
        """The list of duplicate pairs."""
        typed = request.query_params
        wanted = pair_filter(typed)
        with self.sessions() as session:
            form = pair_form(typed, source_names(session))
            paging = paging_of(typed, form, PAIRS, count_pairs(session, wanted))
            return HTMLResponse(self.pages.pairs(list_pairs(session, cut(wanted, paging)), paging, form))

    def cluster(self, request: Request) -> Response:
        """A story; the number of one that was merged leads to its heir."""
        asked = _known_id(request, "id")
        with self.sessions() as session:
            detail = cluster_detail(session, asked)
        if detail is None:
            raise HTTPException(404, f"There is no cluster {asked}.")
        if detail.summary.id != asked:
            return RedirectResponse(f"/{cluster_page(detail.summary.id)}")
        return HTMLResponse(self.pages.cluster(detail))

    def pair(self, request: Request) -> Response:
        """The evidence for two articles, whether or not they are stored as copies."""
        low, high = _known_id(request, "low"), _known_id(request, "high")
        if low > high:
            return RedirectResponse(f"/{pair_page(high, low)}")
        try:
            evidence = read_evidence(self.sessions, str(low), str(high), self.config)
        except JobError as error:
            raise HTTPException(404, f"{error}.") from error
        return HTMLResponse(self.pages.pair(evidence))

    def style(self, _request: Request) -> Response:
        """The style sheet."""
        return Response(style_sheet(), media_type="text/css")

    def http_problem(self, _request: Request, error: Exception) -> Response:
        """A page that is not there, a method that is not allowed."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        title = "There is no such page" if status == 404 else "This cannot be done"
        return HTMLResponse(self.pages.problem(title, "" if detail == "Not Found" else detail), status)

    def bad_filter(self, _request: Request, error: Exception) -> Response:
        """A filter that cannot be understood."""
        return HTMLResponse(self.pages.problem("This filter cannot be understood", str(error)), 400)

    def storage_problem(self, _request: Request, error: Exception) -> Response:
        """A database that cannot be read now."""
        page = self.pages.problem("The database cannot be read", str(error))
        is_transient = isinstance(error, StorageError) and error.is_transient
        return HTMLResponse(page, 503, {"Retry-After": str(_RETRY_SECONDS)} if is_transient else None)


class _SafetyHeaders:
    """Adds the headers that keep a page from loading, sending or being framed by anything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _known_id(request: Request, name: str) -> int:
    number: int = request.path_params[name]
    if not 0 < number <= _LARGEST_ID:
        raise HTTPException(404, "No article or cluster has such a number.")
    return number
