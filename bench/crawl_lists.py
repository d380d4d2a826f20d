"""Where the local site of the crawl benchmark lists its pages.

Must import nothing: what it imports would count as the crawler's start.
"""


def feed_of(host: str) -> str:
    """The address of a host's feed."""
    return f"http://{host}/newsdedup-bench/feed.xml"


def sitemap_of(host: str) -> str:
    """The address of a host's sitemap."""
    return f"http://{host}/newsdedup-bench/sitemap.xml"
