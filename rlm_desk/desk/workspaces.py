"""Workspaces of the desk: named sets of documents, kept in the store with the questions asked in them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rlm_desk.corpus import Document
from rlm_desk.desk.library import Library, OnProgress, RefreshReport
from rlm_desk.store import RunSummary, Store
from rlm_desk.store.workspaces import Workspace

EARLIER = 20
"""Questions of a workspace that a new one can refer to after a restart."""


class Workspaces:
    """The part of the desk that opens them."""

    library: Library
    store: Store
    _earlier: list[str]
    """Runs of this conversation. Their texts stay in the store alone: what is erased there is told to nobody."""

    @property
    def workspace(self) -> Workspace | None:
        """The one that is open: what is loaded is remembered in it, and earlier answers are its own."""
        return self.library.workspace

    async def workspaces(self) -> list[Workspace]:
        """All workspaces, the one opened last first: open that one at a start."""
        return await self.library.workspaces()

    async def create_workspace(self, name: str) -> Workspace:
        """Make a workspace of the documents that are open, and open it. Raises UsageError: the name is taken."""
        made = await self.library.create(name)
        self.forget()
        return made

    async def keep_in_workspace(self, paths: Sequence[Path | str]) -> Workspace:
        """Remember what is open, and that these paths brought it: in the open workspace, or in a new one named so."""
        return await self.library.keep(paths)

    async def close_workspace(self) -> None:
        """Close all documents and begin a new conversation. What is in the store stays."""
        await self.library.settle()
        self.library.clear()
        self.forget()

    async def conversation(self, limit: int = EARLIER) -> list[RunSummary]:
        """The newest runs of the open workspace, oldest first; none where none is open."""
        opened = self.workspace
        return (await self.store.runs_of(opened.id, limit))[::-1] if opened is not None else []

    async def open_workspace(self, name: str) -> Workspace:
        """Close what is open and open a workspace with its documents. Raises UsageError: there is none."""
        opened = await self.library.open(name)
        await self._opened(placed.document for placed in self.library.corpus.documents)
        self._earlier = await self.store.workspaces.earlier(opened, EARLIER)
        return opened

    async def rename_workspace(self, name: str, new: str) -> Workspace:
        """Raises UsageError: there is none of that name, or the new one is taken."""
        return await self.library.rename(name, new)

    async def delete_workspace(self, name: str) -> None:
        """Forget a workspace. Documents and runs stay in the store until they are purged. Raises UsageError."""
        await self.library.delete(name)

    async def refresh(self, on_progress: OnProgress | None = None) -> RefreshReport:
        """Read what is new or changed in the open workspace's files and folders. Raises UsageError: none is open."""
        return await self.library.refresh(on_progress)

    def forget(self) -> None:
        """Begin a new conversation: earlier answers are not shown to the model any more."""
        self._earlier = []  # another list: a run that goes on answers into the conversation it was asked in

    async def _opened(self, documents: Iterable[Document]) -> None:
        await self.store.note("open", *({"document": document.id} for document in documents))
