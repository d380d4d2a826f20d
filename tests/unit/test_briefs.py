"""Short texts are found too: 60 to 120 words, spun, in one corpus with texts that are no copies."""

from __future__ import annotations

import pytest

from dedup import DedupConfig, find_duplicates
from dedup.candidates import may_be_duplicate
from dedup.normalize import split_words
from dedup.signatures import sign_documents
from dedup.values import Document

CONFIG = DedupConfig()

# the original, and what a spinner, a hand with a thesaurus or a translation program and back made of it
COPIES = {
    "ferry": (
        (
            "The harbour board closed the eastern ferry terminal on Monday after engineers found cracks in nine of its"
            " supporting piles. Passengers for the islands were sent by coach to Kelso Bay, where two extra boats sailed"
            " until midnight. The board expects repairs to cost 4.2 million pounds and to last until the end of the summer"
            " season. Shop owners along the quay said they feared for their trade, since half of their customers come by"
            " boat."
        ),
        (
            "The harbor board shut the eastern ferry depot on Monday after technologists discovered fissures in nine of"
            " its supporting stacks. Riders for the isles were sent by bus to Kelso Bay, where two additional boats"
            " voyaged until midnight. The board anticipates repairs to be 4.2 million pounds and to endure until the end"
            " of the summer season. Store owners along the dock said they dreaded for their business, since half of their"
            " clients come by boat."
        ),
    ),
    "library": (
        (
            "Readers in Tarnfield have until Friday to save the branch library in Mill Lane, which the district council"
            " means to shut in April. A petition with 3,100 names was handed to councillor Ruth Adeyemi on Tuesday. She"
            " told the crowd outside the town hall that she would read every letter, but that the roof alone would swallow"
            " the money set aside for two years of books. The council votes on 14 February."
        ),
        (
            "Bookworms in Tarnfield have until Friday to rescue the branch library in Mill Lane, which the district"
            " council intends to close in April. A request with 3,100 names was given to councillor Ruth Adeyemi on"
            " Tuesday. She informed the gathering outside the town hall that she would study every letter, but that the"
            " roof by itself would devour the cash put aside for two years of volumes. The council ballots on 14 February."
        ),
    ),
    "storm": (
        (
            "Une tempête venue de l'Atlantique a privé d'électricité 40 000 foyers du Finistère dans la nuit de dimanche à"
            " lundi. Des vents de 137 kilomètres à l'heure ont été relevés à la pointe du Raz, selon Météo-France. Les"
            " pompiers ont effectué trois cents sorties, surtout pour des arbres tombés sur la chaussée. Aucun blessé"
            " grave n'est à déplorer. La circulation des trains entre Brest et Quimper devait reprendre mardi matin, a"
            " annoncé la SNCF, qui conseille aux voyageurs de reporter leurs déplacements."
        ),
        (
            "Un ouragan arrivé de l'Atlantique a coupé d'électricité 40 000 ménages du Finistère dans la nuit de dimanche"
            " à lundi. Des rafales de 137 kilomètres à l'heure ont été mesurées à la pointe du Raz, selon Météo-France."
            " Les sapeurs ont réalisé trois cents interventions, principalement pour des troncs abattus sur la route."
            " Aucun blessé sérieux n'est à regretter. Le trafic des trains entre Brest et Quimper devait redémarrer mardi"
            " matin, a indiqué la SNCF, qui recommande aux passagers de différer leurs trajets."
        ),
    ),
    "results": (
        (
            "Varley Looms said profit before tax rose to 18.6 million pounds in the half year to September from 15.1"
            " million a year earlier, helped by orders for carpets from hotels in the Gulf. Turnover grew nine percent to"
            " 204 million. Chairman Edwin Sholto said the second half had begun well, though dearer wool would be felt in"
            " spring. The company raised its interim dividend to 3.4 pence and said it was looking for a buyer for its"
            " curtain mill at Aldwick, which lost 900,000 pounds."
        ),
        (
            "Varley Looms stated that earnings ahead of tax climbed to 18.6 million pounds in the half year to September"
            " from 15.1 million a year before, assisted by requests for rugs from inns in the Gulf. Sales expanded nine"
            " percent to 204 million. Chairman Edwin Sholto remarked the second half had started strongly, although"
            " costlier wool would be noticed in spring. The firm lifted its interim payout to 3.4 pence and declared it"
            " was seeking a purchaser for its drapery factory at Aldwick, which shed 900,000 pounds."
        ),
    ),
}
# another report on each subject, which is no copy of it
OTHERS = {
    "ferry": (
        "The harbour board opened a new western ferry terminal on Thursday, two years late. Engineers had found the"
        " first piles too short. Boats for the islands will sail from there every hour until midnight in the summer"
        " season. The minister of transport, who cut the ribbon, said the terminal had cost 31 million pounds and would"
        " bring customers to the shops along the promenade."
    ),
    "library": (
        "The branch library in Sandgate reopened on Saturday with a new roof, paid for by readers. The council had set"
        " aside no money for it. Some 800 people came to the first day, and the mayor read to the children from a book"
        " that had been on loan since 1961. The library will be open until eight on Tuesday and Friday."
    ),
    "results": (
        "Aldermoor Mills said profit before tax fell to 7.2 million pounds in the half year to September from 9.9"
        " million a year earlier, hurt by weak orders for curtains. Turnover was flat at 88 million. Chairman Helen"
        " Prout said the second half had begun slowly. The company held its interim dividend at 2.1 pence and said it"
        " would close a dye works at Kelham, which employs 140 people."
    ),
}


def documents() -> list[Document]:
    return [
        *(Document(f"{name}-original", original) for name, (original, _) in COPIES.items()),
        *(Document(f"{name}-copy", copy) for name, (_, copy) in COPIES.items()),
        *(Document(f"{name}-other", other) for name, other in OTHERS.items()),
    ]


def test_spun_briefs_are_found_and_other_reports_on_the_subject_are_not() -> None:
    found = find_duplicates(documents(), CONFIG).pairs
    assert [(pair.id_a, pair.id_b) for pair in found] == sorted(
        (f"{name}-copy", f"{name}-original") for name in COPIES
    )


@pytest.mark.parametrize("name", COPIES)
def test_a_spun_brief_is_worth_aligning_with_room_to_spare(name: str) -> None:
    texts = COPIES[name]
    assert all(60 <= len(split_words(text)) <= 120 for text in texts)
    a, b = sign_documents([Document(str(n), text) for n, text in enumerate(texts)], CONFIG)
    assert not set(a.buckets).isdisjoint(b.buckets)
    assert may_be_duplicate(a, b, DedupConfig(min_estimate=CONFIG.min_estimate + 2))
