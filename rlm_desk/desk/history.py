"""The history of the desk: runs that are kept, looked at, played again, carried elsewhere, erased."""

from pathlib import Path

from rlm_desk.config import Settings
from rlm_desk.desk import past
from rlm_desk.desk.past import PastRun
from rlm_desk.desk.run import Run
from rlm_desk.events import Recorded
from rlm_desk.evidence.account import Evidence
from rlm_desk.store import RunSummary, Store


class History:
    """The part of the desk that knows past runs."""

    settings: Settings
    store: Store

    async def runs(self, limit: int = 100) -> list[RunSummary]:
        """Runs kept in the store, newest first."""
        return await self.store.runs(limit)

    async def purge_run(self, run_id: str) -> None:
        """Erase a run and the texts that only it cites, for good, and its words in later runs that were told them.

        Raises:
            UsageError: there is none, or one that was told of it is going on.
        """
        await self.store.purge_run((await self.store.find_run(run_id)).id)

    async def told_of(self, run_id: str) -> list[str]:
        """Ids of later runs that were told a run's question and answer. Raises UsageError when there is none."""
        return await self.store.told_of((await self.store.find_run(run_id)).id)

    async def replay(self, run_id: str) -> list[Recorded]:
        """A stored run's events, by id or the start of one. Raises UsageError when there is none."""
        return await self.store.events((await self.store.find_run(run_id)).id)

    async def past(self, run_id: str) -> PastRun:
        """A stored run with the corpus it read. Raises UsageError when there is none."""
        return await past.load(self.store, run_id)

    async def carried(self, path: Path) -> PastRun:
        """The run in a bundle that somebody else wrote, to look at and replay. Raises UsageError: it holds none."""
        return await past.carried(path, allow_unconfined=self.settings.allow_unconfined)

    async def export(self, run_id: str) -> PastRun:
        """A stored run that is about to be written somewhere: `past`, with a line in the audit log.

        Raises:
            UsageError: there is none.
            StoreError: the log cannot be written.
        """
        found = await self.past(run_id)
        await self.store.note("export", {"run": found.summary.id})
        return found

    async def evidence(self, run: Run | str) -> Evidence:
        """What a run's answer rests on: sources, checked claims, coverage by document and page, gaps.

        Takes a run as `ask` returned it, while it goes on too, or the id of a stored one (or the start of one, or
        `last`). Coverage while a run goes on is cheaper from a `Coverage` that is fed its events.

        Raises:
            UsageError: there is no such run.
        """
        return await (run if isinstance(run, Run) else await self.past(run)).evidence()
