"""How tokens are drawn: seeds, penalties, biases, and replies that must follow a grammar or a schema."""

import json
import re

import pytest

from rlm_desk.engine.grammar import Grammar
from tests.engine.making import Make, alone, ask, run, words

DATE = 'root ::= [12] [0-9] [0-9] [0-9] "-" [01] [0-9] "-" [0-3] [0-9]'
WARM = {"temperature": 1.5, "top_p": 1.0, "seed": 7}


def test_a_seed_gives_the_same_text_every_time(make: Make) -> None:
    core = make(slots=1)
    texts = [alone(core, "Go on.", 40, sampling={**WARM, "seed": seed})["text"] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_greedy_takes_the_likeliest_whatever_else_is_said(make: Make) -> None:
    core = make(slots=1)
    plain = alone(core, "Go on.", 30)["text"]
    assert alone(core, "Go on.", 30, sampling={"temperature": 0.0, "top_k": 5, "seed": 9})["text"] == plain
    assert alone(core, "Go on.", 30, sampling={**WARM, "top_k": 1})["text"] == plain


def test_a_bias_forbids_and_forces_tokens(make: Make) -> None:
    core = make(slots=1)
    plain = alone(core, "Go on.", 1)["text"]
    first = next(t for t in range(core.model.vocabulary) if core.model.piece(t).decode("utf-8", "replace") == plain)
    assert alone(core, "Go on.", 1, sampling={"logit_bias": [[first, -1e9]]})["text"] != plain
    forced = core.model.tokenise("q", False)[0]
    assert alone(core, "Go on.", 6, sampling={"logit_bias": [[int(forced), 1e6]]})["text"] == "qqqqqq"
    assert alone(core, "Go on.", 1, sampling={"logit_bias": [[10**9, 5.0]]})["text"] == plain  # no such token


def test_penalties_keep_a_reply_from_repeating_itself(make: Make) -> None:
    core = make(slots=1)
    bias = [[int(core.model.tokenise(letter, False)[0]), value] for letter, value in (("q", 220.0), ("z", 200.0))]

    def text(**penalty: float) -> str:
        return str(alone(core, "Go on.", 20, sampling={"logit_bias": bias, **penalty})["text"])

    assert len(set(text())) == 1
    assert len(set(text(presence_penalty=50.0))) == 2
    assert text(frequency_penalty=15.0).count("q") in (9, 10, 11, 12)
    assert len(set(text(repeat_penalty=8.0))) > 1


@pytest.mark.parametrize("sampling", [{}, WARM, {**WARM, "top_k": 20}])
def test_a_reply_follows_its_grammar_and_ends_with_it(make: Make, sampling: dict[str, float]) -> None:
    core = make(slots=3)
    for number in range(9):
        ask(core, number, words(number, 20), 40, grammar=DATE, sampling=sampling)
    ask(core, 100, words(1, 20), 12)  # one without a grammar beside them
    found = run(core)
    assert all(re.fullmatch(r"[12]\d{3}-[01]\d-[0-3]\d", found[number]["text"]) for number in range(9))
    assert {found[number]["finish"] for number in range(9)} == {"stop"}
    assert found[100]["text"] == alone(make(slots=1), words(1, 20), 12)["text"]
    assert all(0 < found[number]["confidence"] <= 1 for number in range(9))


@pytest.mark.parametrize("sampling", [{}, {**WARM, "top_k": 3}])
def test_checking_the_drawn_token_first_changes_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch, sampling: dict[str, float]
) -> None:
    grammar = 'root ::= ("the " | "law " | [a-m]){4,12}'
    quick = [alone(make(slots=1), words(n, 30), 40, grammar=grammar, sampling=sampling) for n in range(4)]
    monkeypatch.setattr("rlm_desk.engine.sampling.LIKELIEST", 10**6)
    if not sampling:  # dice would be thrown once more
        monkeypatch.setattr(Grammar, "allows", lambda *_: False)
    slow = [alone(make(slots=1), words(n, 30), 40, grammar=grammar, sampling=sampling) for n in range(4)]
    assert [frame["text"] for frame in quick] == [frame["text"] for frame in slow]


def test_a_schema_gives_json_of_that_shape(make: Make) -> None:
    schema = {
        "type": "object",
        "properties": {"found": {"type": "boolean"}, "days": {"enum": [30, 60, 90]}},
        "required": ["found", "days"],
        "additionalProperties": False,
    }
    core = make(slots=1)
    for seed in range(5):
        frame = alone(core, "Go on.", 120, schema=json.dumps(schema), sampling={**WARM, "seed": seed})
        if frame["finish"] == "stop":  # a random model may go on with spaces until it is cut off
            value = json.loads(frame["text"])
            assert isinstance(value["found"], bool)
            assert value["days"] in (30, 60, 90)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"grammar": "root ::= ("}, "no GBNF"),
        ({"grammar": "start ::= [a]"}, "no GBNF"),
        ({"grammar": "root ::= root [a]"}, "no GBNF"),
        ({"grammar": "root ::= [a]\0"}, "NUL"),
        ({"grammar": "x" * 70_000}, "70,000|65,536"),
        ({"schema": "{"}, "schema"),
        ({"schema": '{"$ref": "#/nowhere"}'}, "schema"),
        ({"grammar": "root ::= [a]", "schema": "{}"}, "both"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused_in_a_sentence(make: Make, form: dict[str, str], why: str) -> None:
    core = make(slots=1)
    frame = alone(core, "Go on.", **form)
    assert frame["type"] == "error"
    assert re.search(why, frame["sentence"])
    assert alone(core, "Go on.")["type"] == "done"
