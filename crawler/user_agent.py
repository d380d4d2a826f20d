"""What the crawl calls itself towards publishers."""

from __future__ import annotations

from importlib.metadata import version


def user_agent(contact: str | None) -> str:
    """Name, version and whom a publisher can turn to: a mail or web address, where one is set."""
    who = f"+{contact}" if contact else "no contact set"
    return f"newsdedup/{version('newsdedup')} (news crawler; {who})"
