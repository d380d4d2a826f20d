"""newsdedup's crawl of the local site, as ``newsdedup crawl`` runs it; started by ``bench.crawl``.

python -m bench.crawl_own FOLDER PORT HOST ...
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.crawl_lists import feed_of, sitemap_of
from newsdedup.jobs.crawl import CrawlRequest, run_crawl

# What the plain spider is given too: no politeness towards a server of one's own.
_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_MAXSIZE": 20_000_000,
}


def main() -> None:
    """Crawls into ``articles.sqlite`` of the folder; prints the counters."""
    folder, address, hosts = Path(sys.argv[1]), f"127.0.0.1:{sys.argv[2]}", sys.argv[3:]
    seeds = folder / "seeds.toml"
    seeds.write_text("\n".join(map(_source, hosts)), encoding="utf-8")
    request = CrawlRequest(
        f"sqlite:///{folder / 'articles.sqlite'}",
        seeds,
        loopback_hosts=dict.fromkeys(hosts, address),
        settings=_SETTINGS,
    )
    report = run_crawl(request)
    print(f"new {report.new_count}, pairs {report.pair_count}, skipped {dict(report.skipped)}")


def _source(host: str) -> str:
    return (
        f'[[source]]\nname = "{host}"\nhome = "http://{host}/"\n'
        f'feeds = ["{feed_of(host)}"]\nsitemaps = ["{sitemap_of(host)}"]\n'
    )


if __name__ == "__main__":
    main()
