"""Evidence in words."""

from rlm_desk.evidence import wording
from rlm_desk.evidence.account import gather
from rlm_desk.evidence.coverage import Cell

from .recording import CORPUS, Recording


def test_numbers_stand_behind_their_statements() -> None:
    recording = Recording()
    recording.call(2, 0, "4,200")
    recording.call(3, 1, "310")
    recording.finish("- Brenvale Logistics: 4,200\n- Corvane Textiles: 310\nThat is all there is to say.")
    evidence = gather(CORPUS, recording.recorded)
    assert wording.marked(evidence).splitlines()[:2] == [
        f"- Brenvale Logistics: 4,200 {wording.numbers(evidence.statements[0].sources)}",
        f"- Corvane Textiles: 310 {wording.numbers(evidence.statements[1].sources)}",
    ]
    assert wording.marked(evidence).endswith("to say.")
    assert wording.where(evidence.sources[0]) == "Harbour/Brenvale Logistics.txt, p. 3"
    assert wording.unread(evidence.documents) == "Harbour/Dalmere Foods.txt: all"


def test_ranges() -> None:
    assert wording.ranges(["1", "2", "3", "7", "ix", "8", "9"]) == ["1-3", "7", "ix", "8-9"]
    assert wording.numbers((1, 2, 5)) == "[1-2] [5]"


def test_shares_are_never_rounded_to_none_or_all() -> None:
    assert [wording.percent(part, 1000) for part in (0, 1, 500, 999, 1000)] == [
        "0%",
        "under 1%",
        "50%",
        "over 99%",
        "100%",
    ]


def test_a_strip_in_characters() -> None:
    cells = [Cell("shown", 1.0), Cell("shown", 0.2), Cell("returned", 0.0), Cell("scanned", 0.0), Cell("untouched", 0)]
    assert wording.bar(cells) == "█▄▒░·"
