"""The desk of a demonstration: every question goes by recursion, with a budget wide enough for its corpus."""

from __future__ import annotations

from collections.abc import Sequence

from rlm_desk.config import Settings
from rlm_desk.demo import show
from rlm_desk.desk.estimate import Estimate
from rlm_desk.desk.run import Run
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.documents.reader import Extractor
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm.run import Route
from rlm_desk.store import Store


class DemoDesk(AsyncDesk):
    """An `AsyncDesk` with other defaults."""

    @classmethod
    async def open(cls, settings: Settings) -> DemoDesk:
        """As `AsyncDesk.open`."""
        return cls(settings, await Store.open(settings.data_dir), Extractor())

    def ask(
        self,
        question: str,
        *,
        budget: BudgetLimits | None = None,
        route: Route | None = None,
        documents: Sequence[int] | None = None,
        estimate: Estimate | None = None,
    ) -> Run:
        """Ask, by recursion unless told otherwise. Raises as `AsyncDesk.ask`."""
        limits = budget or show.budget(len(self.corpus.documents), self.settings.budget)
        return super().ask(question, budget=limits, route=route or "recursive", documents=documents, estimate=estimate)
