"""The documents that are open, the corpus they make, and the workspace they belong to."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus, Document
from rlm_desk.documents.picture import Picture
from rlm_desk.documents.reader import Extractor, Progress, Skipped
from rlm_desk.errors import DocumentError, UsageError
from rlm_desk.store import Store
from rlm_desk.store.index import Found
from rlm_desk.store.workspaces import MOST, Workspace

OnProgress = Callable[[Progress], None]
MOST_PLACES = 8
"""Pages of a document, and documents, named in a sentence."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What one `load` brought."""

    added: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    duplicates: int
    """Files whose bytes were open already under the same name."""
    copies: tuple[tuple[str, str], ...] = ()
    """(name, the name it is open under): files with the bytes of another, which are not added a second time."""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a look at the workspace's files and folders found."""

    added: tuple[Document, ...]
    """New, or changed since they were read."""
    gone: tuple[str, ...]
    """Names of documents whose files are no longer there, or have changed."""
    unchanged: int
    skipped: tuple[Skipped, ...]


class Library:
    """Open documents, in the order they were opened. Extraction runs in workers; results are kept in the store."""

    def __init__(self, store: Store, extractor: Extractor) -> None:
        self._store = store
        self._extractor = extractor
        self._documents: list[Document] = []
        self._writing: set[asyncio.Future[None]] = set()
        self._keeping = asyncio.Lock()
        self.skipped: list[Skipped] = []
        self.corpus = Corpus([])
        self.workspace: Workspace | None = None
        """The one that is open; what is loaded then is remembered in it."""

    # documents

    async def load(self, paths: Sequence[Path | str], on_progress: OnProgress | None = None) -> LoadReport:
        """Read files, folders and globs and add them.

        A file whose bytes are open already is not added again: the report says under which name they are.

        Raises:
            DocumentError: a path does not exist, or nothing in it can be read.
        """
        documents, skipped = await self._extractor.read(paths, on_progress, cache=self._store)
        names = {document.id: document.name for document in self._documents}
        added: list[Document] = []
        copies: list[tuple[str, str]] = []
        duplicates = 0
        for document in documents:
            if document.id not in names:
                names[document.id] = document.name
                added.append(document)
            elif names[document.id] == document.name:
                duplicates += 1
            else:
                copies.append((document.name, names[document.id]))
        self._documents += added
        self.skipped += skipped
        self.corpus = Corpus(self._documents)
        if self.workspace is not None:
            await self._store.workspaces.put(self.workspace, [(one.id, one.name) for one in added], _sources(paths))
        return LoadReport(tuple(added), tuple(skipped), duplicates, tuple(copies))

    def remove(self, document_id: str) -> None:
        """Close a document, and take it out of the workspace. Runs that read it keep what they have of it."""
        self._documents = [document for document in self._documents if document.id != document_id]
        self.corpus = Corpus(self._documents)
        if self.workspace is not None:
            self._writing.add(self._store.workspaces.take_out(self.workspace, document_id))

    def clear(self) -> None:
        """Close all documents, and the workspace."""
        self._documents, self.skipped, self.corpus, self.workspace = [], [], Corpus([]), None

    @property
    def unread(self) -> str:
        """``5 pages could not be read by anybody: scan.pdf p. 2, p. 5; b.pdf (3 pages).`` Empty when there are none."""
        by_document: dict[str, list[str]] = {}
        for placed, page in self.corpus.unread:
            by_document.setdefault(placed.document.name, []).append(placed.document.place(page))
        parts = [
            f"{name} {', '.join(places)}" if len(places) <= MOST_PLACES else f"{name} ({len(places):,} pages)"
            for name, places in by_document.items()
        ]
        lost = {one.name: one.pages for one in self.skipped if one.pages}
        parts += [f"{name} ({count:,} {'page' if count == 1 else 'pages'})" for name, count in lost.items()]
        total = sum(map(len, by_document.values())) + sum(lost.values())
        if not total:
            return ""
        more = f"; and {len(parts) - MOST_PLACES:,} more documents" if len(parts) > MOST_PLACES else ""
        named = "; ".join(parts[:MOST_PLACES])
        return f"{total:,} {'page' if total == 1 else 'pages'} could not be read by anybody: {named}{more}."

    async def settle(self) -> None:
        """Wait until what `remove` changed is written. Raises StoreError."""
        writing, self._writing = self._writing, set()
        for one in writing:
            await one

    # workspaces

    async def workspaces(self) -> list[Workspace]:
        """All workspaces, the one opened last first."""
        await self.settle()
        return await self._store.workspaces.all()

    async def create(self, name: str) -> Workspace:
        """Make a workspace of the documents that are open, and open it. Raises UsageError when the name is taken."""
        await self.settle()
        made = await self._store.workspaces.create(name)
        await self._store.workspaces.put(made, [(one.id, one.name) for one in self._documents], ())
        self.workspace = await self._store.workspaces.find(made.name)
        return self.workspace

    async def keep(self, paths: Sequence[Path | str]) -> Workspace:
        """Remember what is open, and the paths it was opened by: in the open workspace, or in a new one of their name.

        Raises:
            StoreError: the store cannot be written.
        """
        async with self._keeping:
            if self.workspace is None:
                taken = {one.name.casefold() for one in await self.workspaces()}
                self.workspace = await self._store.workspaces.create(name_for(paths, taken))
            documents = [(one.id, one.name) for one in self._documents]
            await self._store.workspaces.put(self.workspace, documents, _sources(paths))
            return self.workspace

    async def open(self, name: str) -> Workspace:
        """Close what is open and open a workspace's documents, as the store has them: no file is read.

        Raises:
            UsageError: there is no workspace of that name.
        """
        await self.settle()
        found = await self._store.workspaces.find(name)
        wanted = await self._store.workspaces.documents(found)
        kept = await self._store.get_documents([id for id, _ in wanted])
        self.clear()
        self._documents = [replace(kept[id], name=name) for id, name in wanted if id in kept]
        self.corpus = await asyncio.to_thread(Corpus, self._documents)
        await self._store.workspaces.touch(found)
        self.workspace = await self._store.workspaces.find(found.name)
        return self.workspace

    async def rename(self, name: str, new: str) -> Workspace:
        """Raises UsageError when there is none of the name, or the new one is taken."""
        renamed = await self._store.workspaces.rename(name, new)
        if self.workspace is not None and self.workspace.id == renamed.id:
            self.workspace = renamed
        return renamed

    async def delete(self, name: str) -> None:
        """Forget a workspace; its documents and runs stay in the store until they are purged. Raises UsageError."""
        await self.settle()
        gone = await self._store.workspaces.find(name)
        await self._store.workspaces.delete(name)
        if self.workspace is not None and self.workspace.id == gone.id:
            self.clear()

    async def refresh(self, on_progress: OnProgress | None = None) -> RefreshReport:
        """Look at the workspace's files and folders again and read what is new or has changed.

        Raises:
            UsageError: no workspace is open.
        """
        if self.workspace is None:
            raise UsageError("No workspace is open.", "Open one first: rlm-desk workspace list shows them.")
        await self.settle()
        sources = await self._store.workspaces.sources(self.workspace)
        there = [path for path in sources if await asyncio.to_thread(_exists, path)]
        documents, skipped = await self._extractor.read(there, on_progress, cache=self._store)
        found = list({document.id: document for document in reversed(documents)}.values())[::-1]
        before = {document.id: document.name for document in self._documents}
        now = {document.id for document in found}
        await self._store.workspaces.replace(self.workspace, [(one.id, one.name) for one in found])
        await self.open(self.workspace.name)
        self.skipped = list(skipped)
        opened = {document.id for document in self._documents}
        added = tuple(one for one in found if one.id not in before and one.id in opened)
        gone = tuple(name for id, name in before.items() if id not in now)
        return RefreshReport(added, gone, len(opened) - len(added), tuple(skipped))

    # looking

    async def search(self, typed: str, everywhere: bool, limit: int) -> Found:
        """Pages and past questions that fit, named as they are in the open workspace."""
        inside = None if everywhere or self.workspace is None else self.workspace.id
        found = await self._store.index.search(typed, inside, limit)
        names = {document.id: document.name for document in self._documents}
        pages = tuple(replace(hit, name=names.get(hit.document, hit.name)) for hit in found.pages)
        return replace(found, pages=pages)

    async def document(self, document_id: str) -> Document:
        """A document that is open or kept. Raises DocumentError."""
        for one in self._documents:
            if one.id == document_id:
                return one
        kept = await self._store.get_document(document_id)
        if kept is None:
            raise DocumentError("That document is not here any more.", "Open its file again.")
        return kept

    async def picture(self, document: Document, page: int, width: int, height: int) -> Picture:
        """A page of a PDF as pixels. Raises as `Painter.picture` does."""
        places = [Path(path) for path in await self._store.get_places(document.id)]
        holders = [Path(path) for path in await self._store.get_holders(document.id)]
        return await self._extractor.picture(document, places, page, width, height, holders)


def name_for(paths: Sequence[Path | str], taken: Collection[str]) -> str:
    """A name for a workspace: the first folder's or file's, with a number where it is taken (in lower case)."""
    first = Path(paths[0]).expanduser().absolute() if paths else Path()
    named = next((part for part in (first, *first.parents) if not set("*?[") & set(part.name)), first)
    stem = named.stem if named == first and first.is_file() else named.name
    base = one_line(stem, MOST - 10).strip() or "Documents"
    numbered = (base if n == 1 else f"{base} {n}" for n in count(1))
    return next(name for name in numbered if name.casefold() not in taken)


def _sources(paths: Sequence[Path | str]) -> list[str]:
    return [str(Path(path).expanduser().absolute()) for path in paths]


def _exists(path: str) -> bool:
    from rlm_desk.documents.find import is_pattern

    return is_pattern(path) or Path(path).exists()
