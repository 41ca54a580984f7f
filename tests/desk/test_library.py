"""Open documents and workspaces, through real workers and a real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rlm_desk.desk.library import Library, name_for
from rlm_desk.documents.reader import Extractor
from rlm_desk.errors import UsageError
from rlm_desk.store import Store


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    store, extractor = await Store.open(tmp_path / "data"), Extractor()
    yield Library(store, extractor)
    await extractor.close()
    await store.close()


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


async def test_copies_are_recognised_by_their_bytes(tmp_path: Path, library: Library) -> None:
    folder = write(tmp_path / "f", {"a.txt": "Fees.", "b.txt": "Law.", "copy of a.txt": "Fees."})
    report = await library.load([folder])
    assert [one.name for one in report.added] == ["a.txt", "b.txt"]
    assert report.copies == (("copy of a.txt", "a.txt"),)
    again = await library.load([folder])
    assert (again.added, again.duplicates) == ((), 2)
    assert len(library.corpus.documents) == 2


async def test_a_workspace_is_made_of_what_is_open_and_opens_again(tmp_path: Path, library: Library) -> None:
    folder = write(tmp_path / "f", {"a.txt": "Fees.", "sub/b.txt": "Law."})
    made = await library.create("Contracts")
    await library.load([folder])
    await library.create("Other")
    library.remove(library.corpus.documents[0].document.id)
    assert [(one.name, one.documents) for one in await library.workspaces()] == [("Other", 1), ("Contracts", 2)]
    opened = await library.open("contracts")
    assert (opened.id, opened.name) == (made.id, "Contracts")
    assert [placed.document.name for placed in library.corpus.documents] == ["a.txt", "sub/b.txt"]
    assert library.corpus.text.endswith("Law.")
    await library.rename("Contracts", "Leases")
    assert library.workspace is not None
    assert library.workspace.name == "Leases"
    await library.delete("leases")
    assert library.workspace is None
    assert not library.corpus.documents
    with pytest.raises(UsageError):
        await library.open("Leases")


async def test_a_folder_that_changed_is_read_where_it_changed(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rlm_desk.documents.reading import ReadingWorker

    folder = write(tmp_path / "f", {"a.txt": "Fees.", "b.txt": "Law.", "c.txt": "Notice."})
    await library.create("W")
    await library.load([folder])
    library.remove(library.corpus.documents[2].document.id)
    write(folder, {"b.txt": "New law.", "d.txt": "Rent."})
    (folder / "a.txt").rename(folder / "e.txt")
    asked: list[str] = []
    extract = ReadingWorker.extract

    async def counted(self: ReadingWorker, found: object, *rest: object) -> object:
        asked.append(found.found.name)  # type: ignore[attr-defined]
        return await extract(self, found, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadingWorker, "extract", counted)
    report = await library.refresh()
    assert sorted(asked) == ["b.txt", "d.txt"]
    assert [one.name for one in report.added] == ["b.txt", "d.txt"]
    assert (report.gone, report.unchanged) == (("b.txt",), 1)
    assert [placed.document.name for placed in library.corpus.documents] == ["b.txt", "d.txt", "e.txt"]


async def test_search_names_documents_as_the_workspace_does(tmp_path: Path, library: Library) -> None:
    first = write(tmp_path / "f", {"a.txt": "The crane is red."})
    write(tmp_path / "g", {"z.txt": "The crane is red.", "y.txt": "A blue crane."})
    await library.load([first])
    library.clear()
    await library.create("W")
    await library.load([tmp_path / "g"])
    await library._store.index.caught_up()
    found = await library.search("red crane", False, 10)
    assert [(hit.name, hit.label) for hit in found.pages] == [("z.txt", "1")]
    document = await library.document(found.pages[0].document)
    assert document.text[found.pages[0].start : found.pages[0].end] in ("red", "crane")


async def test_what_is_open_is_kept_under_the_name_of_its_folder(tmp_path: Path, library: Library) -> None:
    folder = write(tmp_path / "Leases", {"a.txt": "Fees."})
    await library.load([folder])
    assert (await library.keep([folder])).name == "Leases"
    library.clear()
    await library.load([write(tmp_path / "other" / "leases", {"b.txt": "Law."})])
    assert (await library.keep([tmp_path / "other" / "leases"])).name == "leases 2"
    assert [(one.name, one.documents) for one in await library.workspaces()] == [("leases 2", 1), ("Leases", 1)]
    await library.open("Leases")
    report = await library.refresh()
    assert (report.unchanged, report.gone) == (1, ()), "a look at the folder finds what was read from it"


def test_a_workspace_is_named_after_what_it_was_made_of(tmp_path: Path) -> None:
    write(tmp_path, {"Lease 4.pdf": "", "v1.2/a.txt": ""})
    assert name_for([tmp_path / "Lease 4.pdf"], ()) == "Lease 4"
    assert name_for([tmp_path / "v1.2"], ()) == "v1.2"
    assert name_for([tmp_path / "v1.2" / "*.txt"], ()) == "v1.2"
    assert name_for([tmp_path / "v1.2"], {"v1.2", "v1.2 2"}) == "v1.2 3"
    assert name_for(["/"], ()) == "Documents"
