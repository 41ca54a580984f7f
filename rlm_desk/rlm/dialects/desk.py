"""The `desk` dialect: one fenced block a turn, helpers with cardinality checks, finishing by calling a function."""

from collections.abc import Sequence

from rlm_desk.clean import one_line
from rlm_desk.completion import Message
from rlm_desk.rlm.dialects import reply as read
from rlm_desk.rlm.dialects.base import TOO_EARLY, ContextFacts, Executed, Final, Layout, Parsed
from rlm_desk.rlm.dialects.profiles import Profile

NO_CODE = "Your reply held no Python. Reply with one ```python block; call FINAL(answer) in it when you are done."
NOT_RUN = "Only your first block was run; what followed it was not."


EARLIER_SHOWN = 10
"""Earlier questions shown in a prompt; all answers are in the session."""


class DeskDialect:
    """Ours. The profile says how much is explained."""

    name = "desk"

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.output_chars = profile.output_chars
        self.reply_tokens = profile.reply_tokens
        self.answer_tokens = profile.answer_tokens
        self.sampling = profile.sampling
        self.constrained = profile.constrained
        self.extractive = profile.extractive

    def opening(self, question: str, facts: ContextFacts) -> list[Message]:
        """System prompt, then the question and the size of the context."""
        text = self.profile.opening.format(
            question=question, documents=f"{facts.documents:,}", characters=f"{facts.chars:,}"
        )
        if facts.earlier and self.profile.earlier:
            text = self.profile.earlier + earlier_text(facts.earlier) + "\n\n" + text
        return [Message("system", self.profile.system), Message("user", text)]

    def prompt(self, turn: int, question: str) -> Message | None:
        """Nothing: every message of this dialect is kept."""
        return None

    def parse(self, reply: str) -> Parsed:
        """The first block, and a finish beside it that names a variable; else a finish; else a nudge."""
        cells, final = read.actions(reply)
        if len(cells) > 1:
            return Parsed(cells=cells[:1], nudge=NOT_RUN)
        if final is not None and read.is_name(final.text):
            final = Final(variable=final.text)  # FINAL(total): the value is meant, not the word
        if cells and final is not None and final.text:
            return Parsed(cells=cells, nudge=TOO_EARLY)
        return Parsed(cells=cells, final=final) if cells or final else Parsed(nudge=NO_CODE)

    def results(self, executed: Sequence[Executed], notes: Sequence[str]) -> list[Message]:
        """One message with what was printed."""
        output = "\n".join(cell.output.rstrip("\n") for cell in executed)  # as in the conversations it was trained on
        text = "\n".join([self.profile.output.format(output=output), *notes])
        return [Message("user", text)]

    def nudge(self, reason: str) -> Message:
        """The reason, as a user message."""
        return Message("user", reason)

    def forced(self, question: str, variables: Sequence[tuple[str, str]]) -> Message | None:
        """The forced finish of the full profile."""
        if not self.profile.forced:
            return None
        shown = "\n".join(f"{name} = {value}" for name, value in variables) or "(none)"
        return Message("user", self.profile.forced.format(question=question, variables=shown))

    def subcall(self, question: str, kind: str, labels: Sequence[str]) -> Layout:
        """Instruction, text, question."""
        hint = self.profile.kinds.get(kind, "").format(labels=", ".join(labels))
        return Layout(self.profile.before, self.profile.after.format(question=question + hint))


def earlier_text(earlier: Sequence[tuple[str, str]]) -> str:
    """Earlier questions and answers, newest last, each cut to what reminds."""
    first = max(len(earlier) - EARLIER_SHOWN, 0)
    lines = [
        f"answers[{first + n}]: {one_line(question, 300)}\n  -> {one_line(answer, 500)}"
        for n, (question, answer) in enumerate(earlier[first:])
    ]
    return "\n".join(lines)
