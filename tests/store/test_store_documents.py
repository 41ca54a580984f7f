"""Documents, the sub-answer cache, and what purging leaves on the disk."""

from dataclasses import replace
from pathlib import Path

from rlm_desk.store import Store

from .making import document, finished, partial, started


def on_disk(folder: Path, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in folder.glob("rlm-desk.db*"))


async def test_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    kept = document(text="Fees\ud800 are\0 due.\fNotice")
    await store.put_document(kept, "text/1")
    assert await store.get_document("d1") == kept
    assert await store.get_document("d1", "text/1") == kept
    assert await store.get_document("d1", "text/2") is None
    assert await store.get_document("d2") is None
    await store.put_document(document("d0"))
    assert await store.document_ids() == ["d1", "d0"]
    await store.close()


async def test_a_run_keeps_the_text_its_offsets_mean(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document(text="old\ftext"), "pdf/1")
    await store.append([started("a", documents=("d1", "absent"))])
    await store.put_document(document(text="new\fwords"), "pdf/2")
    newest = await store.get_document("d1")
    assert newest is not None
    assert newest.text == "new\fwords"
    of_run = await store.run_documents("a")
    assert [d and d.text for d in of_run] == ["old\ftext", None]
    await store.purge_run("a")
    assert not on_disk(tmp_path, "old\ftext")  # kept for that run only
    await store.close()


async def test_answers(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    assert await store.get_answer("k") is None
    await store.put_answer("k", "42")
    await store.put_answer("k", "43")
    assert await store.get_answer("k") == "43"
    await store.close()


async def test_purging_a_run_erases_its_texts_and_no_other(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for run, secret in (("a", "SECRET-ALPHA"), ("b", "SECRET-BETA")):
        await store.append([started(run), partial(run, 1, secret), finished(run, 2, "shared answer")])
        await store.put_answer(f"key {run}", f"CACHED {secret}", run)
    assert on_disk(tmp_path, "SECRET-ALPHA")
    await store.purge_run("a")
    assert not on_disk(tmp_path, "SECRET-ALPHA")
    assert await store.events("a") == []
    assert [run.id for run in await store.runs()] == ["b"]
    assert [len(r.texts) for r in await store.events("b")] == [1, 1, 1]
    assert (await store.runs())[0].answer == "shared answer"
    assert await store.get_answer("key a") is None
    assert await store.get_answer("key b") == "CACHED SECRET-BETA"
    await store.close()


async def test_purging_a_document_erases_what_was_derived_from_it(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", "DOCUMENT-WORDS one"))
    await store.put_document(document("d2", "other words"))
    await store.append([started("a", "What?", ("d1", "d2")), partial("a", 1, "DERIVED-REPLY"), finished("a", 2)])
    await store.append([started("b", "What?", ("d2",), at=50.0), finished("b", 1)])  # before: it was told no answer
    await store.put_answer("k", "DERIVED-CACHED", "a")
    await store.put_answer("k2", "kept", "b")
    await store.purge_document("d1")
    for words in ("DOCUMENT-WORDS", "DERIVED-REPLY", "DERIVED-CACHED"):
        assert not on_disk(tmp_path, words), words
    assert await store.document_ids() == ["d2"]
    assert [sorted(r.texts.values()) for r in await store.events("a")] == [["What?"], [], []]
    a, b = sorted(await store.runs(), key=lambda run: run.id)
    assert (a.question, a.answer, a.events) == ("What?", "Brenvale", 3)  # run b brought the same answer without d1
    assert b.answer == "Brenvale"
    assert await store.get_answer("k2") == "kept"
    await store.close()


async def test_purging_all(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document(text="DOCUMENT-WORDS"))
    await store.append([started("a"), partial("a", 1, "SECRET")])
    await store.purge_all()
    assert not on_disk(tmp_path, "DOCUMENT-WORDS")
    assert not on_disk(tmp_path, "SECRET")
    assert await store.runs() == []
    await store.append([started("a")])
    await store.close()


async def test_keeping_without_a_tag_does_not_lose_the_tag(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document(), "text/1")
    await store.put_document(document())
    assert await store.get_document("d1", "text/1") == document()
    await store.close()


async def test_a_document_renamed_keeps_one_row(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document(), "text/1")
    await store.put_document(replace(document(), name="c/d.txt"), "text/1")
    assert (await store.document_ids()) == ["d1"]
    await store.close()
