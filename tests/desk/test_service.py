"""The desk itself: what a question that cannot be asked leaves behind."""

import asyncio
from pathlib import Path

import pytest

from rlm_desk.config import load
from rlm_desk.desk.estimate import Estimate
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import ModelError
from rlm_desk.events import RunStarted


async def test_a_question_to_a_model_that_is_not_there_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The fee is 7 euros.")
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data", model=str(tmp_path / "gone.gguf")))
    await desk.load([tmp_path / "note.txt"])
    with pytest.raises(ModelError, match=r"no file .*gone\.gguf"):
        desk.ask("What is the fee?")
    assert not desk.models._busy()
    await asyncio.wait_for(desk.close(), 30)
    assert [entry["what"] for entry in desk.store.audit.read()] == ["open"]


async def test_an_answer_that_comes_late_belongs_to_the_conversation_it_was_asked_in(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The fee is 7 euros.")
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data"))
    await desk.load([tmp_path / "note.txt"])
    asked = desk._earlier
    run = desk.ask("What is the fee?", route="plain")
    await desk.close_workspace()  # while it goes on
    answer = await run.result()
    assert answer.complete
    assert asked == [run.id]
    assert await desk.store.said(asked) == [(run.id, "What is the fee?", answer.text)]
    assert desk._earlier == []
    await desk.close()


async def test_a_question_to_some_of_the_documents_says_that_the_others_were_not_read(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(f"The fee of {name} is 7 euros.")
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data"))
    await desk.load([tmp_path / f"{name}.txt" for name in ("a", "b", "c")])
    run = desk.ask("What is the fee?", route="plain", documents=[1])
    await run.result()
    evidence = await desk.evidence(run)
    assert evidence.pages == 1
    told = "The rest of what was open (2 documents) was not read: the question was put to some documents only."
    assert told in [gap.text for gap in evidence.gaps]
    await desk.close()


async def test_what_was_expected_of_a_run_is_in_its_record(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The fee is 7 euros.")
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data"))
    await desk.load([tmp_path / "note.txt"])
    run = desk.ask("What is the fee?", route="plain", estimate=Estimate(700, 12.5, 1, "measured here"))
    await run.result()
    begun = next(one.event for one in (await desk.past(run.id)).recorded if isinstance(one.event, RunStarted))
    assert (begun.estimate_tokens, begun.estimate_seconds) == (700, 12.5)
    await desk.close()


async def test_a_run_keeps_what_it_was_told_of_and_is_told_nothing_that_was_erased(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The fee is 7 euros.")
    desk = await AsyncDesk.open(load(data_dir=tmp_path / "data"))
    await desk.load([tmp_path / "note.txt"])
    first = desk.ask("What is the fee?", route="plain")
    await first.result()
    told = []
    for _ in range(2):
        run = desk.ask("What is the fee?", route="recursive")
        await run.result()
        started = run.recorded[0].event
        assert isinstance(started, RunStarted)
        told.append(started.told)
        if len(told) == 1:
            assert run.id in await desk.told_of(first.id)
            await desk.purge_run(first.id)
    assert told[0] == (first.id,)
    assert first.id not in told[1]
    await desk.close()
