"""Every error a person can meet: one sentence that says what happened, one that says what to do.

The exit code of the command line is an attribute of the error, so that scripts can rely on it:

====  ==========================================================================
code  meaning
====  ==========================================================================
0     answered (demo: answered correctly)
1     an answer, but a wrong one (demo), or a defect of ours
2     the command was used wrongly (typer's own code too)
3     documents: nothing readable, missing, or the corpus is empty
4     model: missing, not a GGUF, or one this machine cannot hold
5     engine: the model's worker died and could not be brought back
6     store: the data folder cannot be written (full disk, no rights)
7     confinement: the boundary layer is missing on this machine
8     a best-effort answer: a budget ran out, or refused sub-calls that were asked for
130   cancelled
====  ==========================================================================
"""

from typing import ClassVar

from rlm_desk.clean import clean


class DeskError(Exception):
    """An error with a sentence (`str(error)`) and a way out (`error.next_step`).

    Both may quote a file's name, a model's or a server's words: they are made safe to print here, for every face.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(clean(sentence).replace("\n", " "))
        self.next_step = clean(next_step)
        """What the person can do about it; empty only when nothing can be done."""

    @property
    def sentence(self) -> str:
        return str(self)


class UsageError(DeskError):
    """The request itself makes no sense (unknown run, an impossible option)."""

    exit_code = 2


class DocumentError(DeskError):
    """A document, or all of them, cannot be read."""

    exit_code = 3


class ModelError(DeskError):
    """The model file is missing, is not a GGUF, or does not fit."""

    exit_code = 4


class DoesNotFit(ModelError):
    """The machine's memory does not hold the model, planned or found out when it was loaded."""


class EngineError(DeskError):
    """A completion failed: the worker died, or the engine refused the request."""

    exit_code = 5


class WouldNotFit(EngineError):
    """A prompt is larger than the window. It is refused with its size, never cut."""

    def __init__(self, tokens: int, window: int) -> None:
        super().__init__(
            f"The prompt has {tokens:,} tokens and the window holds {window:,}.",
            "Pass a smaller piece of text: split it first.",
        )
        self.tokens = tokens
        self.window = window


class DeadlinePassed(EngineError):
    """A request took longer than it was given."""


class Defect(DeskError):
    """Something of ours broke: the exception behind it is its `__cause__`."""

    def __init__(self, problem: BaseException) -> None:
        said = f"{type(problem).__name__}: {problem}".rstrip(": ")
        super().__init__(f"A defect of rlm-desk stopped the run: {said}.", "What it did is kept. Please report this.")
        self.__cause__ = problem


class StoreError(DeskError):
    """The data folder cannot be read or written."""

    exit_code = 6


class ConfinementError(DeskError):
    """A worker cannot be confined on this machine, or broke its protocol."""

    exit_code = 7


class WorkerDied(DeskError):
    """A worker process ended when nobody asked it to."""

    exit_code = 5

    def __init__(self, kind: str, reason: str, stderr: str = "") -> None:
        super().__init__(f"The {kind} worker stopped: {reason}.", "It is started again for the next request.")
        self.kind = kind
        self.reason = reason
        self.stderr = stderr
        """The last lines it wrote, for `doctor --log`; never shown as markup."""


def allowed(limit: float, what: str) -> str:
    """A limit of a budget in words: `2,000 sub-calls`, `1 turn`."""
    spelt = "sub-calls" if what == "subcalls" else what
    return f"{limit:,.12g} {spelt[:-1] if limit == 1 else spelt}"


class BudgetExceeded(DeskError):
    """A budget ran out. Caught by the loop, which then finishes with the best answer so far."""

    exit_code = 8

    def __init__(self, what: str, limit: float, *, used: int = 0, needed: int = 0) -> None:
        """`used` and `needed` where something is left, but less than was needed next."""
        budget = f"The budget of {allowed(limit, what)}"
        short = f"{budget} is too small: {used:,} were made, and {needed:,} more are asked for."
        super().__init__(short if needed else f"{budget} is used up.", f"Raise it with --{what}.")
        self.what = what
        self.limit = limit


class AnswerNow(BudgetExceeded):
    """The person asked for an answer with what there is: handled like a budget that ran out."""

    def __init__(self) -> None:
        super().__init__("patience", 0)
        self.args = ("You asked for an answer with what it had.",)
        self.next_step = ""


class Cancelled(DeskError):
    """The person stopped the run."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("Cancelled.", "The run is kept: rlm-desk runs list")
