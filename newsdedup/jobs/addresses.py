"""Articles by an address as people type or paste it; decides nothing about addresses itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.urls import BadUrlError, identity_url
from storage.articles import find_article

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.values import StoredArticle


def article_at(session: Session, address: str) -> StoredArticle | None:
    """The article stored under an address, or under another spelling of it: with tracking parameters, without www."""
    return find_article(session, address) or find_article(session, identity_of(address))


def identity_of(address: str) -> str:
    """The key of an address however it is spelled; what is no web address, unchanged."""
    try:
        return identity_url(address)
    except BadUrlError:
        return address
