"""A run in memory: scripted completions on a real REPL, for the loop's own rules."""

import asyncio
from collections.abc import Callable, Sequence

from rlm_desk import events
from rlm_desk.completion import Completion, FinishReason, Message, Request, Usage
from rlm_desk.corpus import Corpus, Document, Page
from rlm_desk.errors import WouldNotFit
from rlm_desk.events import BudgetLimits, Recorded
from rlm_desk.repl.session import ReplSession
from rlm_desk.rlm import dialects
from rlm_desk.rlm.ports import OpenRepl, Repl
from rlm_desk.rlm.recorder import Recorder
from rlm_desk.rlm.run import Job, Outcome, RlmRun, Route
from rlm_desk.rlm.view import NoAttribution

Script = Callable[[Request], str]


class FakeCompleter:
    """Answers by a function of the request; counts four characters a token."""

    def __init__(self, script: Script, window: int = 100_000) -> None:
        self.window = window
        self.requests: list[Request] = []
        self._script = script
        self.busy = 0
        self.most_busy = 0

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        tokens = await self.count(request.messages)
        if tokens + request.max_tokens > self.window:
            raise WouldNotFit(tokens, self.window - request.max_tokens)
        self.requests.append(request)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await asyncio.sleep(0)
            text = self._script(request)
        finally:
            self.busy -= 1
        if on_text:
            on_text(text)
        finish: FinishReason = "stop" if len(text) // 4 <= request.max_tokens else "length"
        text = text[: 4 * request.max_tokens]
        return Completion(text, finish, Usage(prompt=await self.count(request.messages), completion=len(text) // 4))

    async def count(self, messages: tuple[Message, ...]) -> int:
        return sum(len(message.content) for message in messages) // 4


def turns(*replies: str, subcall: Callable[[str], str] = lambda prompt: "none") -> Script:
    """Root turns answered in order, sub-calls by a function of their prompt."""
    left = list(replies)

    def script(request: Request) -> str:
        if request.messages[0].role == "system":
            return left.pop(0)
        return subcall(request.messages[0].content)

    return script


def corpus(*texts: str, folder: str = "") -> Corpus:
    """Documents named d0, d1..."""
    return Corpus(
        Document(str(i), f"{folder}d{i}.txt", "text", "page", text, (Page("1", 0, len(text)),))
        for i, text in enumerate(texts)
    )


def cell(code: str) -> str:
    """A reply that is one fenced block."""
    return f"```python\n{code}\n```"


async def open_repl(held: Corpus, output_chars: int, answers: Sequence[str]) -> Repl:
    return await ReplSession.start(held, output_chars=output_chars, answers=answers)


async def run(
    completer: FakeCompleter,
    held: Corpus,
    *,
    question: str = "What?",
    limits: BudgetLimits | None = None,
    profile: str = "full",
    dialect: str = "desk",
    route: Route = "recursive",
    opened: OpenRepl = open_repl,
    into: list[Recorded] | None = None,
) -> tuple[Outcome, list[Recorded]]:
    """Run a question; the outcome and everything recorded. `into` has it also where the run is cancelled."""
    recorded: list[Recorded] = [] if into is None else into
    job = Job(
        question=question,
        corpus=held,
        model=events.ModelRef(name="fake", sha256=""),
        dialect=dialects.get(dialect, profile),
        dialect_name=dialect,
        profile=profile,
        limits=limits or BudgetLimits(),
        route=route,
    )
    made = RlmRun(
        job,
        completer=completer,
        open_repl=opened,
        recorder=Recorder("run", recorded.append),
        attribution=NoAttribution(),
    )
    return await made.run(), recorded


def kinds(recorded: list[Recorded]) -> list[str]:
    return [one.event.kind for one in recorded]


def of(recorded: list[Recorded], kind: type) -> list:  # type: ignore[type-arg]
    return [one.event for one in recorded if isinstance(one.event, kind)]


def texts(recorded: list[Recorded]) -> dict[str, str]:
    return {key: text for one in recorded for key, text in one.texts.items()}


FEES = corpus("The fee is 10.", "The fee is 20.", "No fee is named.")


def fee(prompt: str) -> str:
    return next((word for word in ("10", "20") if word in prompt), "none")
