"""What a report is made of: one stored run, its evidence and its tree, all folds over the same events."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlm_desk.clean import plural
from rlm_desk.corpus import Corpus
from rlm_desk.events import Recorded
from rlm_desk.evidence.account import Evidence
from rlm_desk.evidence.coverage import DocumentCoverage
from rlm_desk.rlm.tree import NodeView, Tree, TreeView

STRIP = 60
"""Cells of a document's strip in a report."""
ITEMS = 200
"""Sub-calls of one batch that the tree lists; more are counted."""
DOCUMENTS = 500
"""Documents that the table of coverage lists; more are counted (the JSON report has all)."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a report says."""

    evidence: Evidence
    corpus: Corpus
    view: TreeView

    @property
    def label(self) -> str:
        """A warning that belongs beside the answer; empty for one that the model finished by itself."""
        if self.view.how in ("forced", "best_effort"):
            return "Best effort: the work was cut short. Check this answer."
        if self.view.status != "answered":
            return f"This run is no whole answer: {self.view.status}. {self.view.error}".strip()
        return ""

    @property
    def where(self) -> str:
        """Where the model ran, as a sentence."""
        server = self.view.started.model.server if self.view.started else ""
        return f"Text was sent to {server}." if server else "The model ran on the same machine."

    def facts(self) -> list[tuple[str, str]]:
        """Model, usage and settings as name and value."""
        view, started = self.view, self.view.started
        found = [("Run", view.run)]
        if started is not None:
            model = started.model
            when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(started.at))
            limits = started.budget
            found += [
                ("Asked", when),
                ("Model", model.name + (" (a demonstration model)" if model.demonstration else "")),
                ("Model's hash", model.sha256 or "not known"),
                ("Where", self.where),
                ("Way", f"{started.route}, dialect {started.dialect}, profile {started.profile}"),
                (
                    "Budget",
                    f"{plural(limits.subcalls, 'sub-call')}, depth {limits.depth}, {plural(limits.turns, 'turn')}, "
                    f"{limits.tokens:,} tokens, {limits.seconds:g} s",
                ),
                (
                    "Documents",
                    f"{len(started.documents):,}, {plural(self.corpus.pages, 'page')}, {started.chars:,} characters",
                ),
            ]
        used, total = view.used, view.total
        return [
            *found,
            (
                "Used",
                f"{plural(used.subcalls, 'sub-call')}, depth {used.depth}, {plural(used.turns, 'turn')}, "
                f"{view.elapsed():.1f} s",
            ),
            (
                "Tokens",
                f"{total.prompt - total.cached:,} read, {total.cached:,} reused, {total.completion:,} written",
            ),
        ]

    def documents(self) -> list[DocumentCoverage]:
        """The documents to list, in corpus order: of too many, those of which nothing was read go first."""
        listed = self.evidence.documents
        if len(listed) > DOCUMENTS:
            listed = tuple(sorted(listed, key=lambda one: one.amount.untouched == one.amount.chars)[:DOCUMENTS])
        return sorted(listed, key=lambda one: one.index)

    @property
    def unlisted(self) -> str:
        """A sentence about documents that are not listed; empty where all are."""
        more = len(self.evidence.documents) - DOCUMENTS
        return f"{more:,} more documents are not listed here; the JSON report lists all." if more > 0 else ""

    def tree(self) -> Iterator[tuple[int, str]]:
        """The recursion tree as lines with their depth."""
        if self.view.root is not None:
            yield from self._lines(self.view.root, 0)

    def _lines(self, number: int, depth: int) -> Iterator[tuple[int, str]]:
        node = self.view.nodes[number]
        yield depth, _line(node)
        for child in node.children[:ITEMS]:
            yield from self._lines(child, depth + 1)
        if len(node.children) > ITEMS:
            yield depth + 1, f"and {len(node.children) - ITEMS:,} more"


def material(evidence: Evidence, corpus: Corpus, recorded: Sequence[Recorded]) -> Material:
    """Fold a run once more, for its tree."""
    tree = Tree()
    for one in recorded:
        tree.apply(one)
    tree.interrupt()
    return Material(evidence, corpus, tree.snapshot())


def _line(node: NodeView) -> str:
    count = f" of {node.items:,}" if node.role == "batch" else ""
    error = f": {node.error}" if node.error else ""
    tokens = f"{node.total.processed:,} tokens"
    label = f" “{node.label}”" if node.label else ""  # a redacted bundle has none
    return f"{node.role}{count}{label} {node.status}{error} ({tokens}, {node.seconds():.1f} s)"
