"""What the events say a model was shown, in every way that text can reach one."""

from rlm_desk import events
from rlm_desk.corpus import Corpus, Span
from rlm_desk.events import Recorded
from rlm_desk.evidence.attribution import Attributor
from rlm_desk.evidence.coverage import Coverage
from rlm_desk.rlm import run as runs
from rlm_desk.rlm.recorder import Recorder

from . import making
from .making import FakeCompleter, cell, corpus, of, turns

FIRST = "The annual fee is EUR 4,200, payable in March. Either party may leave with ninety days of notice."
SECOND = "This agreement is governed by the law of Norway, and disputes go to the court of Bergen."
DOCUMENTS = corpus(FIRST, SECOND)


class Indexed:
    """Attribution over the documents above."""

    def __init__(self) -> None:
        self._index = Attributor(DOCUMENTS)

    async def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        return self._index.find(text, near)


async def run(completer: FakeCompleter, held: Corpus = DOCUMENTS) -> list[Recorded]:
    recorded: list[Recorded] = []
    job = runs.Job(
        question="What?",
        corpus=held,
        model=events.ModelRef(name="fake", sha256=""),
        dialect=making.dialects.get("desk", "full"),
        dialect_name="desk",
        profile="full",
        limits=events.BudgetLimits(),
    )
    recorder = Recorder("run", recorded.append)
    made = runs.RlmRun(job, completer=completer, open_repl=making.open_repl, recorder=recorder, attribution=Indexed())
    await made.run()
    return recorded


def shown(recorded: list[Recorded]) -> list[str]:
    return [DOCUMENTS.text[start:end] for start, end in Coverage(DOCUMENTS, recorded).shown()]


async def test_what_code_prints_is_shown_to_the_root() -> None:
    recorded = await run(FakeCompleter(turns(cell("print(documents[0].text[:46])"), cell("FINAL('x')"))))
    assert shown(recorded) == [FIRST[:46]]


async def test_what_is_only_looked_at_by_code_is_not() -> None:
    recorded = await run(FakeCompleter(turns(cell("FINAL(len(documents[0].text))"))))
    assert shown(recorded) == []
    assert [event.how for event in of(recorded, events.Read)] == ["scanned"]


async def test_a_child_over_a_text_that_code_made() -> None:
    made = "text = 'Notes: ' + documents[1].text.replace(' ', '  ')\n"
    child = cell("FINAL(map(split(documents[0], 60), 'Which law?')[0])")
    root = cell(made + "FINAL(rlm_query('Which law?', text))")
    script = turns(root, child, subcall=lambda prompt: "Norway")
    recorded = await run(FakeCompleter(script))
    assert shown(recorded)
    assert all(part in SECOND for part in shown(recorded))
    assert not [event for event in of(recorded, events.Read) if event.helper == "text" and event.node != 0]


async def test_a_prompt_larger_than_the_window_is_refused_and_shows_nothing() -> None:
    long = corpus("word " * 4000, SECOND)
    script = turns(cell("try:\n    llm_query('word ' * 4000)\nexcept QueryError as e:\n    print(e)"), cell("FINAL(1)"))
    recorded = await run(FakeCompleter(script, window=4000), long)
    (refused,) = of(recorded, events.Refused)
    assert refused.tokens == 5000
    assert refused.window < 4000
    assert Coverage(long, recorded).pages_read == 0


async def test_an_item_larger_than_the_window_does_not_take_the_others_along() -> None:
    long = corpus("word " * 4000, SECOND)
    script = turns(
        cell("found = map(documents, 'Which law?')\nprint(found)"), cell("FINAL(found[1])"), subcall=lambda _: "Norway"
    )
    recorded = await run(FakeCompleter(script, window=4000), long)
    assert len(of(recorded, events.Refused)) == 1
    assert [event.items for event in of(recorded, events.Missing)] == [(0,)]
    (answered,) = of(recorded, events.Answered)
    assert answered.text is not None
    assert Coverage(long, recorded).pages_read == 1
