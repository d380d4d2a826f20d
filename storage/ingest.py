"""The two steps of ingest under one name: store as pending, then look up copies. Adds nothing of its own."""

from storage.resolving import count_pending, resolve_pending
from storage.storing import store_articles

__all__ = ["count_pending", "resolve_pending", "store_articles"]
