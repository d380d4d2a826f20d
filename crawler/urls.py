"""Canonical and identity URLs: what is fetched, and what makes two addresses one article.

Must not touch the network: a URL's meaning is decided from its spelling alone.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

import idna

MAX_URL_LENGTH = 2_083
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from, never what is shown.
_TRACKING_PREFIXES = (
    "utm_", "hsa_", "_hs", "__hs", "mc_", "mtm_", "matomo_", "pk_", "piwik_", "ga_", "oly_", "vero_", "itm_",
    "wt_", "wt.", "trk_", "stm_", "hmb_", "gaa_", "guce_", "fb_action_", "at_campaign", "at_custom", "at_medium",
    "at_link", "at_ptr", "at_bbc", "at_format", "at_team", "ns_campaign", "ns_mchannel", "ns_source", "ns_linkname",
)  # fmt: skip
# Names that some site uses for content (cid, id, page, p, story, share ...) stay out: to drop one that
# matters makes two articles one, to keep one that does not costs a second fetch.
_TRACKING_NAMES = frozenset({
    "_ga", "_gl", "amp", "amp_gsa", "amp_js_v", "campaign_id", "cmpid", "cndid", "dclid", "dicbo", "echobox", "ef_id",
    "emci", "emdi", "epik", "fb_ref", "fb_source", "fbclid", "ftag", "gad_campaignid", "gad_source", "gbraid", "gclid",
    "gclsrc", "guccounter", "icid", "igsh", "igshid", "intcid", "intcmp", "irclickid", "ito", "li_fat_id", "mbid",
    "mibextid", "mkt_tok", "msclkid", "ncid", "ocid", "outputtype", "ref_src", "ref_url", "referer", "referrer",
    "reflink", "s_cid", "s_kwcid", "sfmc_sub", "smid", "smtyp", "socialshare", "spm", "sr_share", "srnd", "srsltid",
    "taid", "tblci", "traffic_source", "ttclid", "twclid", "usqp", "wbraid", "wickedid", "xtor", "yclid", "ysclid",
    "zanpid",
})  # fmt: skip
# Parameters that name a visit, never what is shown; of a bare sid, which some sites use for content, nothing is known.
_SESSION_NAMES = frozenset({
    "asp.net_sessionid", "cfid", "cftoken", "jsessionid", "oscsid", "phpsessid", "session_id", "sessionid", "sessid",
    "xtcsid", "zenid",
})  # fmt: skip
_SESSION_PREFIXES = ("aspsessionid",)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid)=[^/;]*|/\(S\([A-Za-z0-9]+\)\)(?=/)", re.IGNORECASE
)
# Copies of a page that others keep: the host and path, after which comes the publisher's own address.
_AMP_CACHES = (
    re.compile(r"^(?:[a-z0-9-]+\.)?cdn\.ampproject\.org/(?:[acvi]|wp|ii)/(s/)?", re.IGNORECASE),
    re.compile(r"^(?:[a-z0-9-]+\.)?bing-amp\.com/(?:[acvi]|wp|ii)/(s/)?", re.IGNORECASE),
    re.compile(r"^www\.google\.[a-z.]{2,6}/amp/(s/)?", re.IGNORECASE),
)
# Addresses that count a click and name the page in a parameter; who serves these asks crawlers to stay away.
_REDIRECTORS = (
    (re.compile(r"^www\.google\.[a-z.]{2,6}/url$", re.IGNORECASE), ("url", "q")),
    (re.compile(r"^www\.bing\.com/news/apiclick\.aspx$", re.IGNORECASE), ("url",)),
)
_AMP_PARAMETERS = frozenset({("output", "amp"), ("type", "amp"), ("view", "amp"), ("format", "amp")})
_VARIANT_LABELS = ("www", "m", "amp", "mobile", "mobil", "wap", "touch", "edition-m")
_AMP_PATH = re.compile(
    r"(?:^/amp(?=/)|/amp(?:\.html?)?$|(?<=\.html)\.amp$|\.amp(?=\.html?$)|\.amp$)", re.IGNORECASE
)
_INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*):")
_HOST = re.compile(r"^(?:[a-z0-9_](?:[a-z0-9_\-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_\-]*[a-z0-9_])?$")
# RFC 3986 section 3.3 and 3.4: what may stand unescaped in a path and a query.
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_SLUG_ID = re.compile(r"(?<![A-Za-z0-9])(?:[a-z]{0,3}[-_]?)?(\d{6,})(?![A-Za-z0-9])")


class BadUrlError(ValueError):
    """A URL that names nothing a news crawler may fetch; the text says why."""


def canonical_url(url: str) -> str:
    """The one spelling of a URL that is fetched and stored.

    Scheme and host in lower case, host in punycode, default port, credentials, fragment, session numbers and
    tracking parameters dropped, dot segments removed, percent-encoding made uniform; of an AMP cache's or a click
    counter's address the publisher's. Idempotent.

    >>> canonical_url("HTTP://User@News.Example:80/a/../b%7ec?utm_source=x&id=7#top")
    'http://news.example/b~c?id=7'

    Raises:
        BadUrlError: not an absolute http(s) URL, or longer than ``MAX_URL_LENGTH``.

    Source: RFC 3986 section 6.2.
    """
    text = _without_blanks(url)
    if len(text) > MAX_URL_LENGTH:
        raise BadUrlError(f"url of {len(text)} characters, at most {MAX_URL_LENGTH} are followed")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadUrlError(f"not a url: {url[:200]!r} ({error})") from error
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise BadUrlError(f"scheme {scheme!r} is not http or https: {url[:200]!r}")
    netloc = _host(host)
    if own := _behind_cache(netloc, parts.path, parts.query) or _told_by(netloc + parts.path, parts.query):
        return canonical_url(own)
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    return urlunsplit((scheme, netloc, _path(parts.path), _query(parts.query), ""))


def identity_url(url: str) -> str:
    """The key under which an article is stored once: ``canonical_url`` without what sites vary freely.

    Scheme, ``www.``, mobile and AMP variants, a trailing slash, index files and parameter order make no
    other article. The result is a key, not an address to fetch.

    >>> identity_url("http://m.news.example/world/amp/?b=2&a=1")
    'https://news.example/world?a=1&b=2'
    """
    parts = urlsplit(canonical_url(url))
    path = _AMP_PATH.sub("", _INDEX_FILE.sub("/", parts.path).rstrip("/"))
    stated = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(
        sorted(one for one in stated if (one[0].lower(), one[1].lower()) not in _AMP_PARAMETERS)
    )
    port = f":{parts.port}" if parts.port else ""
    host = parts.netloc if "[" in parts.netloc else site_of(parts.hostname or "") + port
    return urlunsplit(("https", host, path or "/", query, ""))


def joined_url(base: str, reference: str) -> str | None:
    """The canonical URL that a reference on the page at ``base`` leads to; None where it is empty or leads to no page.

    >>> joined_url("https://news.example/world/", "../sport?id=7#top"), joined_url("https://news.example/", "tel:999")
    ('https://news.example/sport?id=7', None)
    """
    text = reference.strip()
    try:
        return canonical_url(urljoin(base, text)) if text else None
    except ValueError:
        return None


def is_front_page(identity: str) -> bool:
    """Whether the identity of an address is a site's first page, which is no article."""
    parts = urlsplit(identity)
    return not parts.path.strip("/") and not parts.query


def site_of(host: str) -> str:
    """A host without the labels that mark a variant of the same site.

    >>> site_of("www.m.news.example")
    'news.example'
    """
    labels = host.lower().rstrip(".").split(".")
    while len(labels) > 2 and labels[0] in _VARIANT_LABELS:
        labels = labels[1:]
    return ".".join(labels)


def is_same_site(url_a: str, url_b: str) -> bool:
    """Whether two URLs lie on one host, ``www.``, mobile and AMP variants taken as one."""
    try:
        host_a, host_b = urlsplit(url_a).hostname, urlsplit(url_b).hostname
    except ValueError:
        return False
    return bool(host_a and host_b) and site_of(host_a or "") == site_of(host_b or "")


def host_of(url: str) -> str:
    """The host of a URL in lower case, or the empty text."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def slug_id(url: str) -> str | None:
    """The number that a site gives an article, when the last part of its path carries exactly one.

    >>> slug_id("https://news.example/sport/the-final-10482917.html")
    '10482917'
    """
    last = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
    found = _SLUG_ID.findall(last)
    return found[0] if len(found) == 1 else None


def _without_blanks(url: str) -> str:
    # Browsers drop tabs and line breaks inside a URL (WHATWG URL, section 4.4) and trim the rest.
    text = re.sub(r"[\t\n\r]+", "", url.strip("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f \t\r\n"))
    match = _SCHEME.match(text)
    if match and match.group(1).lower() in _DEFAULT_PORTS:
        rest = text[match.end() :].replace("\\", "/")
        return f"{match.group(1).lower()}://{rest.lstrip('/')}"
    return text


def _host(host: str) -> str:
    name = unquote(host).rstrip(".")
    if ":" in name:  # an IPv6 literal; urlsplit has checked its form
        return f"[{name}]"
    try:
        # As browsers do: with IDNA 2003, which Python has built in, strasse.de would be asked for straße.de.
        ascii_name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise BadUrlError(f"host {host!r} has no punycode form") from error
    if not _HOST.match(ascii_name) or len(ascii_name) > 253:
        raise BadUrlError(f"host {host!r} is not a host name")
    return ascii_name


def _behind_cache(host: str, path: str, query: str) -> str | None:
    """The publisher's address in that of a copy which an AMP cache keeps."""
    found = next((match for cache in _AMP_CACHES if (match := cache.match(host + path))), None)
    if found is None:
        return None
    address = (host + path)[found.end() :]
    # A cache's other paths name no page.
    if "." not in address.partition("/")[0] or any(cache.match(address) for cache in _AMP_CACHES):
        return None
    return f"http{'s' if found[1] else ''}://{address}" + (f"?{query}" if query else "")


def _told_by(place: str, query: str) -> str | None:
    """The address that a redirector names, where this is one."""
    names = next((names for redirector, names in _REDIRECTORS if redirector.match(place)), ())
    stated = dict(parse_qsl(query)) if names else {}
    return next(
        (stated[name] for name in names if stated.get(name, "").startswith(("http://", "https://"))), None
    )


def _path(path: str) -> str:
    return _without_dots(_escaped(_SESSION_IN_PATH.sub("", path))) or "/"


def _escaped(text: str, safe: str = _PATH_SAFE) -> str:
    """One percent-encoding (RFC 3986 section 6.2.2): unreserved characters bare, escapes in upper case."""
    uniform = _ESCAPE.sub(_uniform_escape, _BARE_PERCENT.sub("%25", text))
    return quote(uniform, safe=safe + "%", errors="replace")


def _uniform_escape(match: re.Match[str]) -> str:
    character = chr(int(match.group(1), 16))
    return character if _UNRESERVED.match(character) else match.group(0).upper()


def _without_dots(path: str) -> str:
    # RFC 3986 section 5.2.4.
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:] if path.startswith("/") else segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    ends_in_folder = segments[-1] in {".", ".."} and bool(kept)
    return "/" + "/".join(kept) + ("/" if ends_in_folder else "")


def _query(query: str) -> str:
    kept = (part for part in query.split("&") if part and not _is_tracking(part.partition("=")[0]))
    return _escaped("&".join(kept), _PATH_SAFE + "?")


def _is_tracking(name: str) -> bool:
    lower = unquote(name).lower()
    return (
        lower in _TRACKING_NAMES
        or lower in _SESSION_NAMES
        or lower.startswith(_TRACKING_PREFIXES)
        or lower.startswith(_SESSION_PREFIXES)
    )
