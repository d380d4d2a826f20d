"""Pages that a site shows in an article's place: "page not found" with status 200, bot checks, consent and log-in walls.

Must not know any site: such a page is told by what it calls itself, where it claims to be no article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.page.titles import title_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW_WORDS = 200
_IS_MISSING = r"(?:(?:was |is |could |can)?(?:not|n't)(?: be)? (?:found|available)|does(?: not|n't) exist|(?:is )?(?:missing|unavailable))"
_NOT_FOUND = (
    r"(?:not|nothing) found",
    r"(?:this |the |your )?(?:page|article|story|content)(?: you requested| you are looking for)? " + _IS_MISSING,
    r"(?:die |diese )?(?:seite|artikel|inhalt)(?: konnte| wurde| ist)? nicht (?:gefunden|verfügbar|vorhanden)(?: werden)?",
    r"(?:diese |die )?seite existiert nicht(?: mehr)?",
    r"(?:cette |la )?(?:page|article)(?: demandée)? (?:introuvable|non trouvée?|n'existe (?:pas|plus))",
    r"(?:la |esta )?página (?:no encontrada|no existe|no disponible)", r"(?:conteúdo|página) não encontrad[oa]",
    r"pagina (?:non trovata|niet gevonden|nu a fost găsită)", r"sidan (?:kunde inte hittas|hittades inte|finns inte)",
    r"siden (?:blev ikke fundet|ble ikke funnet|findes ikke|finnes ikke)", r"sivua ei löytynyt",
    r"(?:nie znaleziono strony|strona nie (?:istnieje|została znaleziona))", r"stránka (?:nenalezena|nebyla nalezena)",
    r"(?:az )?oldal nem található", r"страница не (?:найдена|существует)", r"сторінку не знайдено", r"сторінка не знайдена",
    r"(?:η )?σελίδα δεν (?:βρέθηκε|υπάρχει)", r"sayfa bulunamadı", r"الصفحة غير موجودة", r"halaman tidak ditemukan",  # noqa: RUF001  Turkish
    r"không tìm thấy trang", r"(?:お探しの)?ページ[がは]見つかりません(?:でした)?", r"페이지를 찾을 수 없습니다",
    r"找不到(?:该)?(?:页面|頁面)", r"(?:页面|頁面)(?:不存在|未找到)",
)  # fmt: skip
_WALLS = (
    r"just a moment", r"attention required", r"access denied", r"access to this page has been denied", r"are you (?:a )?(?:human|robot)",
    r"verif(?:y|ying)(?: that)? you are(?: a)? human", r"(?:robot|security) check", r"pardon our interruption", r"one more step",
    r"checking your browser(?: before accessing .{1,80})?", r"(?:please )?enable (?:javascript|cookies)(?: and (?:javascript|cookies))?",
    r"before you continue(?: to .{1,40})?", r"we (?:value|respect|care about) your privacy", r"(?:manage )?cookie (?:consent|settings|preferences)",
    r"wir (?:schätzen|respektieren) ihre privatsphäre", r"nous respectons votre vie privée", r"(?:valoramos|respetamos) (?:tu|su) privacidad",
    r"(?:please )?(?:log|sign) ?in(?: (?:or|to) .{1,40})?", r"subscribe to (?:read|continue)(?: reading)?", r"anmelden", r"einloggen",
    r"connexion", r"se connecter", r"iniciar sesión", r"accedi", r"inloggen", r"logga in", r"вход", r"войти", r"ログイン", r"登录", r"登入", r"로그인",
)  # fmt: skip
_STAND_IN = re.compile("|".join((*_NOT_FOUND, *_WALLS)))
# "Error 404:", "Oops!", "Sorry, "; what is left when a number is all that a page calls itself.
_AROUND = re.compile(r"^(?:\W|\b(?:404|403|410|http|error|fehler|erreur|oops|ooops|sorry)\b)+|\W+$")


def standing_in(document: str | None, headings: Iterable[str], word_count: int) -> str | None:
    """What a page calls itself that stands in for another, by its title or, of a short page, its only heading.

    >>> standing_in("404 - Page not found | The Example", (), 300)
    '404'
    """
    pieces = title_pieces(document or "")
    found = next((piece for piece in pieces[:2] if _is_stand_in(piece)), None)
    shown = tuple(headings)
    if found is None and len(shown) == 1 and word_count < _FEW_WORDS and _is_stand_in(shown[0]):
        found = shown[0]
    return found


def _is_stand_in(name: str) -> bool:
    said = name.casefold().replace("\u2019", "'").strip()
    bare = _AROUND.sub("", said)
    if not bare:
        return any(code in said for code in ("404", "403", "410"))
    return _STAND_IN.fullmatch(bare) is not None
