"""Woven sentences: never one that is held out, each value where a reader from left to right can judge it."""

import random
import re

import pytest

from rlm_desk.demo import contract, woven
from rlm_desk.demo.fields import FIELDS
from rlm_desk.demo.questions import Meaning, wording

KEYS = [field.key for field in FIELDS]
RNG = random.Random(5)
DRAWN = [woven.stated(RNG) for _ in range(300)] + [woven.paired(RNG) for _ in range(1500)]
DRAWN += [make(RNG, key) for key in KEYS for make in (woven.own, woven.superseded, woven.refused) for _ in range(150)]
COMPARED = [woven.compared(RNG) for _ in range(1500)]


def test_no_woven_sentence_is_held_out_for_evaluation() -> None:
    assert len(woven.kept()) > 400
    assert not {woven.plain(sentence) for sentence in DRAWN + COMPARED} & woven.kept()


def test_sentences_are_whole() -> None:
    for sentence in DRAWN:
        assert re.fullmatch(r"[A-Z{(].*\.", sentence), sentence
        assert not re.search(r"[\[\]|]| [.,;]|  |\. [a-z]", sentence), sentence


def test_a_comparison_names_both_folders_the_condition_and_which_is_asked_for() -> None:
    for question in COMPARED:
        assert all(question.count(slot) == 1 for slot in ("{F}", "{G}", "{M}", "{S}", "{O}")), question
        assert re.fullmatch(r"[A-Z{].*[.?]", question), question
        assert not re.search(r"[\[\]|]| [.,;?]|  ", question), question


@pytest.mark.parametrize("key", [key for key in KEYS if key != "law"])
def test_a_superseded_value_never_stands_before_the_words_that_say_so(key: str) -> None:
    for _ in range(200):
        sentence = woven.superseded(RNG, key)
        assert "{V}" in sentence
        assert "{X}" in sentence
        before = sentence.split("{X}")[0]
        assert "{S}" in before


def test_evaluation_weaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("woven for evaluation")

    for name in ("stated", "own", "superseded", "refused", "paired"):
        monkeypatch.setattr(woven, name, refuse)
    for _ in range(20):
        contract.compose(RNG, "eval", contract.Manner())
    with pytest.raises(AssertionError, match="woven for evaluation"):
        contract.compose(RNG, "train", contract.Manner())


def test_an_evaluation_asks_no_woven_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("woven for evaluation")

    monkeypatch.setattr(woven, "compared", refuse)
    meaning = Meaning("compare", "fee", operator=">", value=5000, folders=("Abury", "Belham"))
    for _ in range(20):
        wording(RNG, meaning, "eval")
    with pytest.raises(AssertionError, match="woven for evaluation"):
        for _ in range(20):
            wording(RNG, meaning, "train")
