"""Workspaces, full-text search over pages and past questions, and what purging leaves of both."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_desk.corpus import Document, Heading, Page
from rlm_desk.errors import UsageError
from rlm_desk.store import Store, schema

from .making import document, finished, partial, started


def paged(id: str, *pages: str, name: str = "") -> Document:
    places, offset = [], 0
    for number, text in enumerate(pages, 1):
        places.append(Page(str(number), offset, offset + len(text)))
        offset += len(text)
    return Document(id, name or f"{id}.pdf", "pdf", "page", "".join(pages), tuple(places))


async def test_a_workspace_lives_through_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    made = await store.workspaces.create("  Harbour  leases ")
    assert (made.name, made.documents) == ("Harbour leases", 0)
    await store.put_document(paged("d1", "one", "two"))
    await store.workspaces.put(made, [("d1", "a/d1.pdf"), ("d2", "b.pdf")], ["/a", "/b"])
    with pytest.raises(UsageError, match="already"):
        await store.workspaces.create("HARBOUR LEASES")
    with pytest.raises(UsageError, match="needs a name"):
        await store.workspaces.create(" ")
    second = await store.workspaces.create("Other")
    await store.workspaces.touch(second)
    await store.workspaces.touch(made)
    await store.close()
    store = await Store.open(tmp_path)
    first, other = await store.workspaces.all()
    assert (first.name, first.documents, first.chars, other.name) == ("Harbour leases", 2, 6, "Other")
    assert await store.workspaces.documents(first) == [("d1", "a/d1.pdf"), ("d2", "b.pdf")]
    assert await store.workspaces.sources(first) == ["/a", "/b"]
    assert (await store.workspaces.rename("Other", "OTHER")).name == "OTHER"
    with pytest.raises(UsageError, match="already"):
        await store.workspaces.rename("Other", "harbour leases")
    await store.workspaces.delete("other")
    with pytest.raises(UsageError, match="no workspace"):
        await store.workspaces.find("Other")
    await store.close()


async def test_what_a_person_took_out_stays_out(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    made = await store.workspaces.create("W")
    both = [("d1", "1"), ("d2", "2")]
    await store.workspaces.put(made, both, [])
    await store.workspaces.take_out(made, "d1")
    await store.workspaces.replace(made, both)
    assert await store.workspaces.documents(made) == [("d2", "2")]
    await store.workspaces.put(made, [("d1", "1")], [])  # opened by hand again
    assert await store.workspaces.documents(made) == [("d2", "2"), ("d1", "1")]
    await store.close()


async def test_search_finds_the_page(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(paged("lease", "The lessee pays rent.\n", "Notice: ninety days, in writing.\n"))
    await store.put_document(paged("münchen", "Die Miete in München beträgt 900 €.\n", "佐藤太郎は東京に住む。\n"))
    await store.index.caught_up()
    for typed, where in {
        "notice days": [("lease", 1)],
        '"ninety days"': [("lease", 1)],
        '"days ninety"': [],
        "nin*": [("lease", 1)],
        "munchen": [("münchen", 0)],
        "東京": [("münchen", 1)],
        "rent OR miete": [("lease", 0), ("münchen", 0)],
        "the -rent": [],
        'quo"te (AND) ^x* notice': [],
    }.items():
        found = await store.index.search(typed)
        assert sorted((hit.document, hit.page) for hit in found.pages) == where, typed
    (hit,) = (await store.index.search('"ninety days"')).pages
    assert hit.label == "2"
    kept = await store.get_document("lease")
    assert kept is not None
    assert kept.text[hit.start : hit.end] == "ninety days"
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["ninety days"]
    with pytest.raises(UsageError):
        await store.index.search(" - ")
    some = await store.index.search("notice helicopter")
    assert some.relaxed
    assert [one.label for one in some.pages] == ["2"]
    await store.close()


async def test_search_stays_in_its_workspace(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for id in ("d1", "d2"):
        await store.put_document(paged(id, "rent"))
    one = await store.workspaces.create("One")
    await store.workspaces.put(one, [("d2", "d2")], [])
    await store.index.caught_up()
    assert [hit.document for hit in (await store.index.search("rent", one.id)).pages] == ["d2"]
    assert len((await store.index.search("rent")).pages) == 2
    await store.close()


async def test_past_questions_are_found_by_their_answers(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.append([started("a", "Who pays for the crane?"), partial("a", 1, "x"), finished("a", 2, "Brenvale")])
    await store.append([started("b", "Who else?"), finished("b", 1, "Nobody")])
    assert [hit.run for hit in (await store.index.search("brenvale")).runs] == ["a"]
    (hit,) = (await store.index.search("crane")).runs
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["crane"]
    await store.purge_run("a")
    assert (await store.index.search("brenvale crane")).runs == ()
    await store.close()


async def test_a_new_extraction_replaces_the_old_in_the_index(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(paged("d", "old words"), "pdf/1")
    await store.append([started("a", documents=("d",))])  # keeps the old one
    await store.index.caught_up()
    await store.put_document(paged("d", "new words"), "pdf/2")
    await store.index.caught_up()
    assert (await store.index.search("old")).pages == ()
    assert len((await store.index.search("words")).pages) == 1
    await store.put_document(replace(paged("d", "newer words", "two"), name="x"), "pdf/2")
    await store.index.caught_up()
    assert [len((await store.index.search(word)).pages) for word in ("new", "newer", "two")] == [0, 1, 1]
    await store.close()


async def test_an_index_half_made_is_finished_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rlm_desk.store import index

    monkeypatch.setattr(index, "PIECE", 10)
    store = await Store.open(tmp_path)
    await store.put_document(paged("d", *(f"page{n} café " for n in range(30))))
    await asyncio.sleep(0)
    await store.index.stop()
    await store.index._write(index.add_some)
    await store.close()
    store = await Store.open(tmp_path)
    assert await store.index.waiting() == 1
    await store.index.caught_up()
    assert await store.index.waiting() == 0
    assert [hit.page for hit in (await store.index.search("page29")).pages] == [29]
    assert len((await store.index.search("cafe", limit=50)).pages) == 30
    await store.close()


async def test_purging_a_document_takes_it_out_of_the_index(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    made = await store.workspaces.create("W")
    await store.put_document(paged("d", "xylophonist words"))
    await store.workspaces.put(made, [("d", "d")], [])
    await store.append([started("a", "What?", ("d",)), finished("a", 1, "A marimbaphone")])
    await store.index.caught_up()
    await store.purge_document("d")
    assert (await store.index.search("xylophonist")).pages == ()
    assert (await store.index.search("marimbaphone")).runs == ()
    assert (await store.workspaces.find("W")).documents == 0
    for file in tmp_path.glob("rlm-desk.db*"):
        assert b"xylophonist" not in file.read_bytes()
        assert b"marimbaphone" not in file.read_bytes().lower()
    await store.close()


async def test_outline_facts_and_page_states_come_back(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    full = replace(
        document(),
        outline=(Heading("Fees", 1, 0),),
        facts=(("author", "A. Reader"),),
        pages=(Page("1", 0, 14), Page("2", 14, 30, "no text layer")),
    )
    await store.put_document(full)
    assert await store.get_document("d1") == full
    assert await store.get_documents(["d1", "d9"]) == {"d1": full}
    await store.close()


async def test_a_file_of_the_first_schema_is_brought_up(tmp_path: Path) -> None:
    path = schema.prepare(tmp_path)
    connection = schema.connect(path)
    for statement in schema._statements(schema._TABLES):
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO documents (id, reader, name, kind, page_kind, chars, pages, notes, text) VALUES"
        " ('d', 'text/1', 'd.txt', 'text', 'lines', 9, '[[\"1\", 0, 5], [\"2\", 5, 9]]', '[]', ?)",
        ("caféd fee".encode(),),
    )
    connection.close()
    store = await Store.open(tmp_path)
    await store.index.caught_up()
    assert [hit.label for hit in (await store.index.search("fee")).pages] == ["2"]
    await store.close()
