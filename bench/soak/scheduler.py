"""One scheduler of the soak, a process of its own: ``python -m bench.soak.scheduler ORDER.json``."""

from __future__ import annotations

import json
import logging
import signal
import sys
from pathlib import Path

from newsdedup.cli.stopping import stop_at
from newsdedup.jobs.crawl import CrawlRequest
from newsdedup.jobs.schedule import Listener, run_schedule


def main() -> int:
    order = json.loads(Path(sys.argv[1]).read_text())
    logging.basicConfig(level=logging.WARNING)
    request = CrawlRequest(
        order["database"],
        seeds=order["seeds"],
        due=True,
        loopback_hosts=order["hosts"],
        settings=order["settings"],
    )
    listener = Listener(
        lambda report: print(
            f"crawl {report.run_id}: {report.page_count} pages, {report.new_count} new, {report.updated_count} updated",
            flush=True,
        ),
        lambda error: print(f"failed: {error}", flush=True),
    )
    with stop_at(signal.SIGTERM, signal.SIGINT) as stop:
        Path(sys.argv[1]).with_suffix(".ready").touch()
        run_schedule(request, listener, stop, look_seconds=order["look_seconds"])
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
