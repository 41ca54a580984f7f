"""A question and what it was put to, until its run begins."""

from dataclasses import dataclass

from rlm_desk.corpus import Corpus
from rlm_desk.desk.estimate import Estimate
from rlm_desk.events import BudgetLimits, SkippedRef
from rlm_desk.plan import ModelSpec
from rlm_desk.rlm.run import Route


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as things stood then: documents, model and conversation may change while the model is loaded."""

    question: str
    corpus: Corpus
    spec: ModelSpec
    limits: BudgetLimits
    route: Route | None
    workspace: int
    earlier: tuple[str, ...]
    skipped: tuple[SkippedRef, ...]
    estimate: Estimate | None
    """What it is expected to take, where that was worked out."""
