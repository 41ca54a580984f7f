"""Root turns as training samples, from a real run of the loop."""

import json

from rlm_desk.traces.samples import samples
from tests.rlm.making import FakeCompleter, cell, corpus, run, turns

DOCUMENTS = corpus("The fee is 4,200.", "The fee is 310.")


async def test_one_sample_a_turn_without_the_failed_one() -> None:
    script = turns(cell("print(len(documents))"), cell("1 / 0"), cell("FINAL('2')"))
    _, recorded = await run(FakeCompleter(script), DOCUMENTS)
    found = list(samples(DOCUMENTS, recorded))
    assert [sample.turn for sample in found] == [0, 2]
    messages = json.loads(found[1].line)["messages"]
    assert messages[0]["role"] == "system"
    assert messages[-1] == {"role": "assistant", "content": cell("FINAL('2')")}
    assert "ZeroDivisionError" in messages[-2]["content"]


async def test_a_reply_that_could_not_be_used_is_no_example() -> None:
    _, recorded = await run(FakeCompleter(turns("I do not know.", cell("FINAL('2')"))), DOCUMENTS)
    assert [sample.turn for sample in samples(DOCUMENTS, recorded)] == [1]


async def test_a_run_that_did_not_end_is_none() -> None:
    _, recorded = await run(FakeCompleter(turns(cell("FINAL('2')"))), DOCUMENTS)
    assert not list(samples(DOCUMENTS, recorded[:-1]))
    purged = [one.model_copy(update={"texts": {}}) for one in recorded]
    assert not list(samples(DOCUMENTS, purged))
