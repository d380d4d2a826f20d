"""Takes out of a page's tree what stands inside an article and is none of it: appeals, lists of links, captions.

Must not know any site; what is taken out is short, or nothing but links.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from crawler.page.boxnames import name_matcher

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FURNITURE_WORDS = 60  # an appeal is short; what holds more may be a page's body with an unlucky name
# Appeals and pointers, told by what publishers call their boxes; a whole class or id, or a part of it.
_names_furniture = name_matcher(
    re.compile(
        r"(?:^|[\s_-])(?:"
        r"(?:support(?:-?us)?|donat(?:e|ion)s?|newsletters?|subscri(?:be|ption)s?|sign-?up)"
        r"(?:[\s_-](?:box|banner|block|promo|cta|module|widget|appeal|form|inline|teaser|message))?(?:$|\s)"
        r"|(?:related|read-?more|recommend(?:ed|ation)s?|also-?(?:like|read)|captions?|author-?(?:bio|box|info))(?:$|[\s_-]))",
        re.IGNORECASE,
    )
)
# What the reader of the text deletes from its copies of the tree, too, wherever it stands.
_UNREAD = (
    "style", "svg", "link", "meta", "nav", "footer", "aside", "picture", "video", "audio", "canvas", "map", "iframe",
    "noscript", "embed", "object", "button", "select", "input", "label", "textarea", "fieldset", "datalist", "dialog", "menu",
    "table", "source", "track", "template", "time",
)  # fmt: skip
_BOXES = ("div", "aside", "section", "form", "figcaption")
_LINK_LIST = 0.85  # share of a list's letters that are links
_LINK_LINE = 0.9
_POINTER = re.compile(r"[^:|\u00bb]{2,40}[:|\u00bb]\s")  # "Read more: ..."
_POINTER_LINKS = 0.6
_LINE_LETTERS = 25  # a shorter line of links may be a name in a sentence's place


def drop_furniture(tree: HtmlElement) -> None:
    """Take the furniture out of a tree, in place."""
    for box in list(tree.iter(*_BOXES)):
        if _is_furniture(box) and box.getparent() is not None:
            box.drop_tree()
    for links in list(tree.iter("ul", "ol")):
        if (
            links.find("li") is not None
            and links.find(".//a") is not None
            and _link_share(links) >= _LINK_LIST
        ):
            links.drop_tree()
    for line in list(tree.iter("p", "h2", "h3", "h4")):
        if line.find(".//a") is not None and _points_elsewhere(line):
            line.drop_tree()


def drop_unread(tree: HtmlElement) -> None:
    """Take out what no reading of the text looks at, in place: copies of the tree are smaller for it."""
    # What the page states as JSON-LD is read where no text is found; to strip all others at once it is no script for a moment.
    stated = [one for one in tree.iter("script") if "ld+json" in (one.get("type") or "").lower()]
    for script in stated:
        script.tag = "data"
    etree.strip_elements(tree, "script", *_UNREAD, with_tail=False)
    for script in stated:
        script.tag = "script"


def _is_furniture(box: HtmlElement) -> bool:
    named, numbered = box.get("class"), box.get("id")
    if box.tag != "figcaption" and not (
        (named or numbered) and _names_furniture(f"{named or ''} {numbered or ''}")
    ):
        return False
    return len(box.text_content().split()) <= _FURNITURE_WORDS


def _points_elsewhere(line: HtmlElement) -> bool:
    text = line.text_content().strip()
    if len(text) <= _LINE_LETTERS:
        return False
    share = _link_share(line)
    return share >= _LINK_LINE or (share >= _POINTER_LINKS and bool(_POINTER.match(text)))


def _link_share(element: HtmlElement) -> float:
    linked = sum(len(link.text_content().strip()) for link in element.iter("a"))
    return linked / max(1, len(element.text_content().strip()))
