"""Calls by their fingerprints: the same call, and no other, gets the reply it got before."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_desk.corpus import Span
from rlm_desk.errors import EngineError
from rlm_desk.repl.calls import Call, Item
from rlm_desk.repl.past import answered, fingerprint

WORDS = st.text(st.characters(), max_size=6)  # lone surrogates too
SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: Span(min(pair), max(pair)))
ITEMS = st.one_of(st.builds(Item, WORDS, st.none(), WORDS), st.builds(Item, st.none(), SPANS, WORDS))
CALLS = st.builds(
    Call,
    op=st.sampled_from(["llm", "map"]),
    question=WORDS,
    items=st.lists(ITEMS, max_size=3).map(tuple),
    labels=st.lists(WORDS, max_size=2).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(CALLS, CALLS)
def test_fingerprints_are_equal_where_calls_are(one: Call, other: Call) -> None:
    assert fingerprint(one) == fingerprint(replace(one))
    assert (fingerprint(one) == fingerprint(other)) is (one == other)


def test_text_that_moves_from_one_item_to_the_next_is_another_call() -> None:
    calls = [Call("llm", "", (Item(a, None, ""), Item(b, None, ""))) for a, b in (("ab", "c"), ("a", "bc"))]
    assert fingerprint(calls[0]) != fingerprint(calls[1])


async def test_a_refusal_that_is_kept_holds_no_frames() -> None:
    async def refuse(call: Call) -> list[object]:
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise EngineError("No.") from inner

    kept = await answered(Call("llm", "", (Item("x" * 100, None, ""),)), refuse)
    assert isinstance(kept, EngineError)
    assert kept.__traceback__ is kept.__context__ is kept.__cause__ is None
