"""The bundled demo newsroom: eight invented news sites, served over HTTP on loopback, and what is to be found in them.

Must not crawl or compare anything: it is the other side of the wire.
"""

from newsdedup.demo.check import Difference, FoundCluster, FoundPair, find_differences
from newsdedup.demo.content import Content, DemoArticle, Site, load_content
from newsdedup.demo.expected import Expectations, load_expectations
from newsdedup.demo.server import Newsroom, Visit, last_moment, serve_newsroom

__all__ = [
    "Content",
    "DemoArticle",
    "Difference",
    "Expectations",
    "FoundCluster",
    "FoundPair",
    "Newsroom",
    "Site",
    "Visit",
    "find_differences",
    "last_moment",
    "load_content",
    "load_expectations",
    "serve_newsroom",
]
