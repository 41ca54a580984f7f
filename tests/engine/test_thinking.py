"""Thinking apart from the answer, off, or within its budget."""

from pathlib import Path

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.chat_template import CHATML, ChatTemplate
from rlm_desk.engine.thinking import ENDING, Thinking
from tests.engine.making import Make, alone

SWITCHED = CHATML + "{% if enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
ALWAYS = CHATML + "{% if true %}{{ '<think>\n' }}{% endif %}{# ends with </think> #}"
USER = (("user", False),)


def split(pieces: list[bytes], budget: int = 100, opened: bool = False) -> tuple[str, str]:
    thinking = Thinking(budget, opened)
    answer = b"".join([*(thinking.feed(piece) for piece in pieces), thinking.finish()])
    return thinking.text, answer.decode()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_answer_is_what_follows_the_mark(size: int) -> None:
    raw = b"<think>\nThirty days? Yes < 60.\n</think>\n\n30 days"
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert split(pieces) == ("Thirty days? Yes < 60.", "30 days")


def test_a_reply_that_does_not_think_is_left_alone() -> None:
    assert split([b"  <th", b"e answer>"]) == ("", "  <the answer>")
    assert split([b"<thi"]) == ("", "<thi")
    assert split([b"\n\n30"]) == ("", "\n\n30")


def test_thinking_that_never_ends_is_no_answer() -> None:
    assert split([b"hm, ", b"well </thi"], opened=True) == ("hm, well </thi", "")


def test_over_its_budget_it_must_be_ended() -> None:
    thinking = Thinking(3, opened=True)
    for _ in range(3):
        assert not thinking.over
        thinking.feed(b"hm ")
    assert thinking.over
    assert thinking.feed(ENDING.encode() + b"42") == b"42"
    assert not thinking.over


def test_the_prompt_opens_or_closes_the_thinking() -> None:
    switched, always = ChatTemplate(SWITCHED), ChatTemplate(ALWAYS)
    assert str(switched.parts(USER)[-1]).endswith("</think>\n\n")
    assert switched.parts(USER, thinking=True)[-1] == "<think>\n"
    assert str(always.parts(USER, thinking=True)[-1]).endswith("<think>\n")
    assert always.parts(USER)[-1] == "\n</think>\n\n"
    plain = ChatTemplate(CHATML)
    assert plain.parts(USER, thinking=True) == plain.parts(USER)


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "thinker.gguf"
    write(path, SHAPES["nano"], "F32", template=SWITCHED)
    return path


def test_a_model_thinks_within_its_budget_and_then_answers(make: Make, thinker: Path) -> None:
    core = make(model=thinker, slots=1)
    frame = alone(core, "How long?", 12, thinking=20, stream=True)
    assert frame["thinking"]
    assert frame["text"]
    assert "think>" not in frame["text"] + frame["thinking"]
    assert frame["streamed"] == frame["text"]
    assert frame["completion"] == 20 + len(core.incoming.ending) + 12
    off = alone(core, "How long?", 12)
    assert (off["thinking"], off["completion"]) == ("", 12)


def test_a_grammar_is_for_the_answer_and_not_for_the_thinking(make: Make, thinker: Path) -> None:
    frame = alone(make(model=thinker), "How long?", 12, thinking=16, grammar='root ::= "yes" | "no"')
    assert frame["text"] in ("yes", "no")
    assert frame["thinking"] not in ("", "yes", "no")
    assert alone(make(model=thinker), "How long?", 12, grammar='root ::= "yes" | "no"')["text"] in ("yes", "no")


def test_room_for_thinking_is_part_of_what_must_fit(make: Make, thinker: Path) -> None:
    core = make(model=thinker)
    assert alone(core, "How long?", 12, thinking=4000)["type"] == "refused"
    assert alone(make(), "How long?", 12, thinking=4000)["type"] == "done"  # a model that does not think
