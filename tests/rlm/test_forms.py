"""Typed replies held to a grammar: whatever a model would rather say, what comes back is a value. Real engine."""

from collections.abc import Iterator

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.engine.core import Core
from rlm_desk.rlm import typed
from tests.engine import making

LABELS = ("spam", 'say "no"', "back\\slash", "tab\there", "größer")


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    path = tmp_path_factory.mktemp("models") / "nano.gguf"
    write(path, SHAPES["nano"], "F32")
    core = making.build(path, slots=1)
    yield core
    core.close()


@pytest.mark.parametrize(
    ("kind", "labels"), [("number", ()), ("yes_no", ()), ("date", ()), ("label", LABELS), ("label", LABELS[1:2])]
)
def test_a_model_that_talks_nonsense_gives_a_value(core: Core, kind: str, labels: tuple[str, ...]) -> None:
    grammar = typed.grammar(kind, labels)
    for seed in range(12):
        warm = {"temperature": 3.0, "top_p": 1.0, "seed": seed}
        frame = making.alone(core, "Go on.", 40, grammar=grammar, sampling=warm)
        assert frame["finish"] == "stop", frame
        try:
            value = typed.parse(frame["text"], kind, labels)
        except typed.Unusable:  # the grammar knows digits, not calendars
            assert kind == "date"
            continue
        assert value in labels or kind != "label"


def test_none_is_said_once_and_all_else_is_free(core: Core) -> None:
    likely = {letter: core.model.tokenise(letter, False)[0] for letter in "none"}
    bias = [[int(token), 60.0] for token in likely.values()]  # nothing but its letters, if it may
    texts = []
    for seed in range(200):
        warm = {"temperature": 2.0, "top_p": 1.0, "seed": seed, "logit_bias": bias}
        texts.append(making.alone(core, "Go on.", 6, grammar=typed.NONE_ENDS, sampling=warm)["text"])
    assert {text for text in texts if text.startswith("none")} == {"none"}  # some did, and then ended
    said = making.alone(core, "Go on.", 8, grammar=typed.NONE_ENDS, sampling={"logit_bias": [[int(likely["o"]), 1e6]]})
    assert said["text"] == "oooooooo"


def test_text_is_free() -> None:
    assert typed.grammar("text") == ""


def test_an_extractive_reply_stands_in_the_text(core: Core) -> None:
    text = 'Section 7: the fee is $4,650 (not 41,650) under the law of "Korwade"; code KG-2202.'
    for kind in ("number", "text"):
        grammar = typed.extract(kind, text)
        for seed in range(12):
            warm = {"temperature": 3.0, "top_p": 1.0, "seed": seed}
            frame = making.alone(core, "Go on.", 40, grammar=grammar, sampling=warm)
            assert frame["finish"] == "stop", frame
            assert frame["text"] == "none" or frame["text"] in text
            assert kind == "text" or frame["text"] in ("none", "7", "4,650", "41,650", "2202")
    assert typed.extract("date", text) == ""
    assert typed.extract("text", " ".join(f"w{n}" for n in range(typed.WORDS + 1))) == ""
