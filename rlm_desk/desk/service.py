"""The desk: documents, a model, questions. Asynchronous; `facade.Desk` is the blocking one."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from rlm_desk import events
from rlm_desk.clean import plural
from rlm_desk.completion import Completer
from rlm_desk.config import Settings
from rlm_desk.confine.report import missing_boundary
from rlm_desk.corpus import Corpus, Document
from rlm_desk.desk import modelserver
from rlm_desk.desk.asked import Asked
from rlm_desk.desk.attribution import LazyAttribution
from rlm_desk.desk.estimate import Estimate, chars_per_token, estimate
from rlm_desk.desk.history import History
from rlm_desk.desk.library import Library, LoadReport, OnProgress
from rlm_desk.desk.machine import Machine
from rlm_desk.desk.models import Models
from rlm_desk.desk.run import Run
from rlm_desk.desk.workspaces import Workspaces
from rlm_desk.documents.picture import Picture
from rlm_desk.documents.reader import AskPassword, Extractor, Rules, Skipped
from rlm_desk.errors import DocumentError, UsageError
from rlm_desk.events import BudgetLimits, SkippedRef
from rlm_desk.plan import ModelSpec
from rlm_desk.repl.session import ReplSession
from rlm_desk.repl.spares import Spares
from rlm_desk.rlm import dialects, router
from rlm_desk.rlm.ports import Repl
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.run import Job, Outcome, RlmRun, Route
from rlm_desk.store import Store
from rlm_desk.store.audit import Entry, text_hash
from rlm_desk.store.index import Found

PIECE_SHARE = 0.5
"""Share of the window a sub-call's text takes, for the estimate."""


class AsyncDesk(Workspaces, History):
    """Everything a face needs. Open it, load documents, ask; close it when done."""

    def __init__(self, settings: Settings, store: Store, extractor: Extractor) -> None:
        self.settings = settings
        self.store = store
        self.library = Library(store, extractor)
        self._extractor = extractor
        self._extractor.allow_unconfined = settings.allow_unconfined
        self._machine = Machine(settings)
        self._earlier: list[str] = []
        self._runs: set[Run] = set()
        self._spares = Spares(settings.allow_unconfined)
        self.models = Models(settings, self._machine, lambda: bool(self._runs))
        """What can be asked: installed, known, to be brought in; which one it is."""
        self.unconfined = ""
        """Why what runs here is not confined, where the person allowed that and the machine has no boundary. Known once
        documents are loaded; every face shows it for as long as it is open."""
        self._server = modelserver.configured(settings)
        self.wrap: Callable[[Completer], Completer] | None = None
        """Stands between the loop and the engine; evaluation uses it for ablations."""

    @classmethod
    async def open(cls, settings: Settings) -> "AsyncDesk":
        """Open the store; no model is loaded yet.

        Raises:
            UsageError: the model server's address may not be spoken to.
            StoreError: the data folder cannot be used.
        """
        modelserver.configured(settings)
        store = await Store.open(settings.data_dir)
        if settings.keep_days:
            await store.expire(settings.keep_days)
        rules = Rules(ignore=settings.ignore, most_bytes=int(settings.most_gb * 2**30))
        return cls(settings, store, Extractor(settings.ocr, rules))

    async def close(self) -> None:
        """Stop what runs, end every worker, close the store."""
        for run in list(self._runs):
            run.cancel()
        for run in list(self._runs):
            await run.settled()
        await self._machine.close()
        await self._spares.close()
        await self._extractor.close()
        await self.library.settle()
        await self.store.close()

    # documents

    @property
    def corpus(self) -> Corpus:
        """The open documents as one string."""
        return self.library.corpus

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Files that could not be read, and why."""
        return tuple(self.library.skipped)

    async def load(self, paths: Sequence[Path | str], on_progress: OnProgress | None = None) -> LoadReport:
        """Open files, folders and globs. Raises DocumentError when a path does not exist."""
        if self.settings.allow_unconfined and not self.unconfined:
            self.unconfined = await missing_boundary()
        report = await self.library.load(paths, on_progress)
        await self._opened(report.added)
        return report

    def unlock(self, passwords: Sequence[str] = (), ask: AskPassword | None = None) -> None:
        """Passwords to try on encrypted documents, and how to ask for others: with the name of the document and
        whether the last one was wrong; None gives it up. They are held in memory only, until the desk is closed.
        """
        self._extractor.passwords += [one for one in passwords if one not in self._extractor.passwords]
        self._extractor.ask_password = ask or self._extractor.ask_password

    @property
    def unread(self) -> str:
        """A sentence on the pages that nobody could read, for every answer about these documents; empty without."""
        return self.library.unread

    def remove(self, document_id: str) -> None:
        """Close a document."""
        self.library.remove(document_id)

    async def search(self, words: str, *, everywhere: bool = False, limit: int = 20) -> Found:
        """Pages and past answers that hold words, best first: of the open workspace, or of all that is kept.

        All words must be there; `"in quotes"` is a phrase, `begin*` how a word begins, `-word` not, `a OR b` either.

        Raises:
            UsageError: there is no word in it.
        """
        return await self.library.search(words, everywhere, limit)

    async def document(self, document_id: str) -> Document:
        """A document, for its text, pages, outline and facts: open or kept. Raises DocumentError."""
        return await self.library.document(document_id)

    async def picture(self, document: Document, page: int, width: int, height: int) -> Picture:
        """Page number `page` (from 0) of a PDF, in a box of pixels: RGB rows. Raises DocumentError where none is to be
        had: it is no PDF, its file is gone or has changed, it is encrypted or damaged."""
        return await self.library.picture(document, page, width, height)

    # model

    @property
    def model(self) -> ModelSpec:
        """The model that is asked. Raises ModelError when it cannot be found."""
        if self._server is not None:
            running = self._machine.running
            named = str(running.facts.get("model", "")) if running else ""
            return modelserver.spec(self.settings.engine, self._server, named)
        return self.models.asked

    @property
    def server(self) -> str:
        """Where text is sent; empty: nowhere. Every face shows it for as long as it is open."""
        return self._server.origin if self._server else ""

    @property
    def leaves(self) -> str:
        """The same as a sentence."""
        return self._server.notice if self._server else ""

    @property
    def machine(self) -> Machine:
        """The loaded model: start it, its speed, its process."""
        return self._machine

    async def warm(self) -> None:
        """Load the model and start a REPL worker ahead of the first question. Raises ModelError, EngineError."""
        self._spares.prepare()
        await self._machine.engine(self.model)

    async def estimate(self, question: str) -> Estimate:
        """What reading everything once will take. Loads the model."""
        engine = await self._machine.engine(self.model)
        per_token = await chars_per_token(engine, self.corpus)
        speed = await self._machine.speed(self.model)
        return estimate(self.corpus, per_token, speed, int(engine.window * PIECE_SHARE))

    # questions

    def ask(
        self,
        question: str,
        *,
        budget: BudgetLimits | None = None,
        route: Route | None = None,
        documents: Sequence[int] | None = None,
        estimate: Estimate | None = None,
    ) -> Run:
        """Ask about the open documents. Must be called on the running event loop.

        `route` forces `recursive` or `plain`; by default text that fits the window is asked plainly. `documents`
        (indices) asks about some of the open documents only. `estimate`: what `estimate` said, for the run's record.

        Raises:
            UsageError: the question is empty.
            DocumentError: no document is open.
            ModelError: the model cannot be found.
        """
        if not question.strip():
            raise UsageError("The question is empty.", "Type what you want to know.")
        if not self.corpus.documents:
            raise DocumentError("There is nothing to read yet.", "Open a file or a folder first.")
        corpus = self.corpus if documents is None else self.corpus.select(documents)
        spec = self.model  # before there is a run: `close` waits for every one that was begun
        run = Run(secrets.token_hex(6), self.store.submit, corpus)
        asked: Entry = {"run": run.id, "question": text_hash(question.strip()), "documents": len(corpus.documents)}
        if self._server is not None:
            asked = {**asked, "server": text_hash(self._server.origin)}
        self.store.audit.note("ask", [asked])
        self._runs.add(run)
        workspace = self.workspace.id if self.workspace else 0
        limits = budget or self.settings.budget
        # This conversation, whichever is open when it ends; and the files that were skipped for this corpus.
        earlier = self._earlier
        skipped = [SkippedRef(name=one.name, reason=one.reason) for one in self.library.skipped]
        if rest := len(self.corpus.documents) - len(corpus.documents):
            what = f"The rest of what was open ({plural(rest, 'document')})"
            skipped.append(SkippedRef(name=what, reason="the question was put to some documents only"))
        ask = Asked(question.strip(), corpus, spec, limits, route, workspace, tuple(earlier), tuple(skipped), estimate)
        run.start(lambda: self._work(run, ask))
        run.on_end(lambda outcome: self._ended(run, ask, earlier, outcome))
        return run

    async def _work(self, run: Run, ask: Asked) -> Outcome:
        recorder = Recorder(run.id, run.sink)
        spec = ask.spec
        engine = await self._machine.engine(spec)
        spec = self.model if spec.server else spec  # by now the server has said which model it is
        dialect = dialects.get(spec.dialect, spec.profile)
        route = ask.route or await router.route(engine, dialect, ask.question, ask.corpus)
        told = await self.store.said(ask.earlier) if route == "recursive" else []  # a plain prompt holds none
        job = Job(
            question=ask.question,
            corpus=ask.corpus,
            model=events.ModelRef(
                name=spec.name,
                sha256=await self._machine.identity(spec),
                demonstration=spec.demonstration,
                server=spec.server,
            ),
            dialect=dialect,
            dialect_name=spec.dialect,
            profile=spec.profile,
            limits=ask.limits,
            route=route,
            earlier=tuple((one.question, one.answer) for one in told),
            told=tuple(one.run for one in told),
            estimate_tokens=ask.estimate.tokens if ask.estimate else 0,
            estimate_seconds=ask.estimate.seconds if ask.estimate else 0.0,
            workspace=ask.workspace,
            skipped=ask.skipped,
        )
        work = RlmRun(
            job,
            completer=self.wrap(engine) if self.wrap else engine,
            open_repl=self._open_repl,
            recorder=recorder,
            attribution=LazyAttribution(ask.corpus),
            # Behind a server's name another model may stand tomorrow: its replies are not kept for later runs.
            cache=self.store if self.settings.cache and not self.wrap and not spec.server else None,
            on_text=run.deliver_text,
        )
        run.steer(work.budget, recorder, work.stops)
        with self._machine.restarts(lambda reason: recorder.emit(events.EngineRestarted, reason=reason)):
            return await work.run()

    async def _open_repl(self, corpus: Corpus, output_chars: int, answers: Sequence[str]) -> Repl:
        return await ReplSession.start(
            corpus,
            cell_seconds=self.settings.cell_seconds,
            output_chars=output_chars,
            answers=answers,
            allow_unconfined=self.settings.allow_unconfined,
            spares=self._spares,
        )

    def _ended(self, run: Run, ask: Asked, earlier: list[str], outcome: Outcome | None) -> None:
        self._runs.discard(run)
        if outcome and outcome.status == "answered":
            earlier.append(run.id)
