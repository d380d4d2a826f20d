"""One story at three sites, one of them spun and one with a hostile title, and a story of another matter."""

from __future__ import annotations

STORY = (
    "The harbour authority of Northwick said on Monday that the old lighthouse would be sold to a local trust for "
    "one pound, ending eleven years of argument about who should pay for its repair. Trustees promised to open the "
    "tower to visitors by June and to keep the lamp burning every night. Councillor Mary Oakes, who led the talks, "
    "called the sale a relief for taxpayers and a gift to the town. Engineers think the work will cost 340,000 pounds."
)
SPUN = (
    "The harbor authority of Northwick said on Monday that the old beacon would be sold to a local trust for "
    "one pound, ending eleven years of contention about who should pay for its fix. Trustees promised to open the "
    "tower to visitants by June and to keep the lamp burning every nighttime. Councillor Mary Oakes, who led the "
    "negotiations, called the sale a relief for taxpayers and a gift to the townspeople. Engineers believe the "
    "work will cost 340,000 pounds."
)
OTHER = (
    "Rain stopped play at the county ground for the third afternoon in a row, leaving captain Joe Farrell to wonder "
    "whether his side could still force a result before Thursday. The visitors had reached 212 for four, with Amir "
    "Shah unbeaten on 97, when umpires took the players off shortly after lunch and sent the crowd home early."
)
HOSTILE = '=HYPERLINK("http://evil") \x1b[2J <script>alert(1)</script> \u202eexe'


def article(
    number: int, host: str, text: str, at: str, title: str = "Lighthouse sold for a pound"
) -> dict[str, str]:
    return {
        "id": str(number),
        "url": f"https://{host}/{number}",
        "source": host.partition(".")[0].title(),
        "text": text,
        "title": title,
        "published_at": at,
    }


ARTICLES = [
    article(1, "courier.example", STORY, "2026-05-04T08:00:00Z"),
    article(2, "post.example", f"{STORY} Sign up for our daily letter.", "2026-05-04T10:30:00Z", HOSTILE),
    article(3, "buzz.example", SPUN, "2026-05-05T09:00:00Z", "Beacon traded for a pound"),
    article(4, "weather.example", OTHER, "2026-05-04T09:00:00Z", "Rain again"),
]
