"""Templated reports with other names and numbers each time: hard negatives, no two of them copies.

Must not read real data. The templates stand in ``templated_reports.txt``; each belongs to one half.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

_SLOT = re.compile(r"\{(\w+?)(\d*)(?: (\d+) (\d+))?\}")
_CHOICE = re.compile(r"\[([^\]]+)\]")
_FIRST = "James Maria David Linda Robert Susan Carlos Aisha Peter Ingrid Samuel Grace Victor Helen Omar Julia Martin Ruth Andre Naomi".split()  # noqa: SIM905
_LAST = "Whitfield Okafor Brandt Delgado Moreau Castellan Hathaway Lindqvist Pereira Novak Ashworth Tanaka Mbeki Rourke Vasquez Holloway Fontaine Kowalski Adeyemi Sinclair Petrov Marchetti Underhill Zielinski Abernathy Corrigan Dupree Engström Farrow Gallagher".split()  # noqa: SIM905
_TOWN_HEADS = "Ash Brook Cedar Dun East Fair Glen Har King Lake Mill North Oak Port Quarry River Stone Thorn West Wood".split()  # noqa: SIM905
_TOWN_TAILS = "bridge bury dale field ford ham haven mere mouth port stead ton ville wick worth".split()  # noqa: SIM905
_COMPANY_HEADS = "Alder Bay Cobalt Delta Ever Falcon Granite Helio Iron Jade Key Lumen Meridian Nova Orchid Pinnacle Quantum Red Summit Titan Union Vertex Willow Zenith".split()  # noqa: SIM905
_COMPANY_TAILS = "Brands Chemical Data Energy Foods Gas Health Industries Logistics Materials Networks Pharma Power Retail Semiconductor Steel Systems Textiles".split()  # noqa: SIM905
_CHOICES = {
    "region": ["Ardenia", "Belmora", "Caldwell", "Dorset Bay", "Eastmark", "Fenwick", "Galloria", "Halden", "Istria"],
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "month": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"],
    "quarter": ["first", "second", "third", "fourth"],
    "ordinal": ["first", "second", "third", "fourth", "sixth", "eighth", "ninth", "eleventh", "bottom"],
    "agency": ["Department of Transportation", "Environmental Protection Agency", "Economic Development Authority",
               "Department of Housing", "Federal Aviation Administration", "Department of Agriculture"],
    "project": ["a new water treatment plant", "the repair of two bridges", "an expansion of the regional airport",
                "affordable housing downtown", "the cleanup of a former mill", "a new fire station",
                "broadband in rural areas", "the purchase of electric buses", "a bicycle path along the river"],
    "pronoun": ["his", "her"],
    "alert": ["winter storm warning", "flood watch", "severe thunderstorm warning", "wind advisory", "heat warning"],
    "precipitation": ["snow", "rain", "sleet", "hail", "freezing rain", "showers"],
    "sky": ["mostly sunny", "partly cloudy", "overcast", "foggy early", "clear", "unsettled"],
    "direction": ["north", "south", "east", "west"],
    "team": ["United", "Rovers", "City", "Hawks", "Miners", "Bears", "Athletic", "Pilots", "Wolves", "Mariners"],
    "stadium": ["Mill Lane", "the Harbour Stadium", "Victoria Park", "the County Ground", "Station Road"],
    "sector": ["software", "retail", "mining", "chemicals", "insurance", "shipping", "airline", "drug", "steel"],
    "bank": ["Harrow Securities", "Banque Lenoir", "First Ardenia Bank", "Nordkap Markets", "Kestrel Capital"],
    "car": ["silver hatchback", "blue pickup truck", "white delivery van", "black saloon", "red motorcycle"],
    "street": ["Canal Street", "Station Road", "Market Street", "Mill Lane", "Jefferson Avenue", "Chapel Hill"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplatedReport:
    """One report made from a template."""

    kind: str
    template: int
    text: str
    title: str


def write_reports(half: str, count_per_template: int, seed: str) -> tuple[TemplatedReport, ...]:
    """Reports from every template of a half, grouped by template; all names and numbers drawn anew."""
    templates = [(kind, text) for kind, owner, text in _read_templates() if owner == half]
    return tuple(
        _fill(kind, number, text, random.Random(f"{seed}/{half}/{number}/{copy}"))
        for number, (kind, text) in enumerate(templates)
        for copy in range(count_per_template)
    )


def _read_templates() -> list[tuple[str, str, str]]:
    text = (Path(__file__).parent / "templated_reports.txt").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    parts = [section.strip().split("\n", 1) for section in sections]
    return [(head.split()[0], head.split()[1], body) for head, body in parts]


def _fill(kind: str, template: int, text: str, rng: random.Random) -> TemplatedReport:
    values: dict[str, str] = {}
    chosen = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), text)
    filled = _SLOT.sub(lambda match: _value(match, values, rng), chosen)
    return TemplatedReport(kind, template, filled.replace("\n", "\n\n"), " ".join(filled.split()[:9]))


def _value(match: re.Match[str], values: dict[str, str], rng: random.Random) -> str:
    name, number, low, high = match.groups()
    if low is not None:
        return str(rng.randint(int(low), int(high)))
    if name == "surname":
        return _drawn("person", number, values, rng).split()[-1]
    return _drawn(name, number, values, rng)


def _drawn(name: str, number: str, values: dict[str, str], rng: random.Random) -> str:
    key = name + number
    while key not in values or list(values.values()).count(values[key]) > 1:
        values[key] = _draw(name, rng)
    return values[key]


def _draw(name: str, rng: random.Random) -> str:
    match name:
        case "person":
            return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
        case "town":
            return rng.choice(_TOWN_HEADS) + rng.choice(_TOWN_TAILS)
        case "company":
            return f"{rng.choice(_COMPANY_HEADS)} {rng.choice(_COMPANY_TAILS)}"
        case "money":
            return rng.choice(
                [f"${rng.randint(105, 990)},000", f"${rng.randint(1, 48)}.{rng.randint(1, 9)} million"]
            )
        case "year":
            return str(rng.randint(1971, 2029))
        case _:
            return rng.choice(_CHOICES[name])
