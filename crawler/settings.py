"""Scrapy settings of the project; every one can be overridden with ``scrapy crawl -s NAME=value``.

Must not read files; the database comes from ``NEWSDEDUP_DATABASE_URL`` or the command line.
"""

import json
import os

from crawler.user_agent import user_agent

BOT_NAME = "newsdedup"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# Where articles go. Empty: nothing is stored, items only leave through Scrapy's own exports.
NEWSDEDUP_DATABASE_URL = os.environ.get("NEWSDEDUP_DATABASE_URL", "sqlite:///newsdedup.db")
NEWSDEDUP_DRY_RUN = False
# An address where a publisher can reach whoever runs this crawl; it goes into the User-Agent.
NEWSDEDUP_CONTACT = os.environ.get("NEWSDEDUP_CONTACT", "")
# Host names that are answered by a server on this machine, {"courier.test": "127.0.0.1:8000"}: demo and tests.
NEWSDEDUP_LOOPBACK_HOSTS: dict[str, str] = json.loads(os.environ.get("NEWSDEDUP_LOOPBACK_HOSTS", "{}"))
NEWSDEDUP_EXTRACTION_WORKERS = 0  # 0: one a core
NEWSDEDUP_EXTRACTION_TIMEOUT_SECONDS = 20.0
NEWSDEDUP_MIN_WORDS = 30
NEWSDEDUP_BATCH_SIZE = 50
NEWSDEDUP_FLUSH_SECONDS = 2.0
NEWSDEDUP_PAGES_PER_HOST = 2_000  # a run, article pages; the rest waits for the next run
NEWSDEDUP_SITEMAPS_PER_SOURCE = 50  # a run
# Entries of plain sitemaps that are older are left out, unless --since says otherwise.
NEWSDEDUP_SITEMAP_DAYS = 7
NEWSDEDUP_LEASE_SECONDS = 120.0  # of runs, sources, hosts and addresses; prolonged four times as often
NEWSDEDUP_SOURCES_AT_ONCE = 64  # that a run of what is due takes from the others
NEWSDEDUP_CLAIM_SIZE = 128
NEWSDEDUP_REVISITS = True
NEWSDEDUP_WINDOW_SECONDS = 0.0  # compare articles that appeared within so long of each other; 0: all
NEWSDEDUP_KEEP_HTML = ""  # a folder: article pages are kept there as web archives (.warc.gz)
NEWSDEDUP_KEEP_HTML_FILE_BYTES = 1_000_000_000  # then another file is begun
# Path of the browser for sources that need JavaScript; else it is looked for.
NEWSDEDUP_CHROMIUM = os.environ.get("NEWSDEDUP_CHROMIUM", "")
NEWSDEDUP_RETRY_SECONDS = 600.0  # until a page that failed is tried again; then four times as long, and so on
NEWSDEDUP_RETRY_AFTER_MAX_SECONDS = 60.0  # longer waits end the host's part of this run

USER_AGENT = user_agent(None)
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "newsdedup"

# Polite by default; a newsroom's own sites may be asked faster with -s.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
CONCURRENT_REQUESTS = 32
# Of one response: a page gives one article, and each costs a task whether it comes or not.
CONCURRENT_ITEMS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 15
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # before and after decompression
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 8
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
URLLENGTH_LIMIT = 2_083
COOKIES_ENABLED = False
METAREFRESH_MAXDELAY = 5
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "*",
}

# Nothing but http and https, and no server that runs code for whoever finds its port.
DOWNLOAD_HANDLERS = {
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "crawler.connections.KeptConnectionsHandler",
    "https": "crawler.connections.KeptConnectionsHandler",
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
TWISTED_DNS_RESOLVER = "crawler.guard.resolver.GuardedResolver"
MEMUSAGE_ENABLED = True
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.addresses.AddressGuardMiddleware": 90,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.CarefulRobotsTxtMiddleware": 100,
    "crawler.middlewares.politeness.RetryAfterMiddleware": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.refresh.RareMetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.compression.WholeBodiesMiddleware": 590,
    "crawler.middlewares.bounces.RedirectCookiesMiddleware": 650,  # nearer to the network than redirects
}
DOWNLOADER = "crawler.downloader.LeasedDownloader"
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.extensions.throttle.CrawlDelayThrottle": 0,
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 900}
FEED_EXPORT_ENCODING = "utf-8"
