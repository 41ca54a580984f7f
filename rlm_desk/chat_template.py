"""A model's own chat template, rendered in a worker only: a GGUF is a stranger's file, and so is its template.

On the ground floor because two workers render it: the engine for every prompt, the inspection worker to say beforehand
whether it can be used.

The template is run on placeholders, not on the messages: what comes back is a list of literal pieces and message
numbers, so that literals can be tokenised with special tokens parsed and contents without. Contents therefore never
pass through the template's code: a template that trims or rewrites them does not get to. The list depends only on the
roles and on which contents are empty, and is cached.
"""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

CHATML = (
    "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
SECONDS = 2.0
"""A template that computes longer is taken for broken."""
LARGEST = 1 << 20
"""Characters a rendering may have: it holds placeholders, not the messages."""

Part = str | int
"""A literal, or the number of the message whose content stands there."""

Shape = tuple[tuple[str, bool], ...]
"""(role, is empty) of every message."""

OPEN, CLOSE = "<think>", "</think>"
"""How models mark the thinking that comes before an answer."""


class TemplateProblem(Exception):
    """The model's template cannot carry a conversation."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox without `*` and `**` on anything large: a template must not allocate gigabytes."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(v, int | float) for v in (left, right)):
            raise TemplateError(f"{operator} is not allowed here")
        if abs(left) > 1 << 32 or abs(right) > 1 << 32:
            raise TemplateError("a number is too large")
        return super().call_binop(context, operator, left, right)


class ChatTemplate:
    """Turns roles into parts. Falls back to ChatML where the model has no template, or one that drops messages."""

    def __init__(self, source: str | None, bos: str = "", eos: str = "") -> None:
        self.note = ""
        """Why the model's own template is not used; empty when it is."""
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._own = None
        self.thinks = source is not None and CLOSE in source
        """Whether the model is one that thinks before it answers."""
        self._known: dict[tuple[Shape, bool], tuple[Part, ...]] = {}
        self._chatml = self._compile(CHATML)
        if source is None:
            self.note = "the model has no chat template"
        else:
            try:
                self._own = self._compile(source)
                self._parts(self._own, (("user", False),), False)
            except (TemplateProblem, TemplateError, RecursionError) as problem:
                self._own = None
                self.note = f"the model's chat template is not usable: {str(problem)[:200]}"

    def parts(self, shape: Shape, thinking: bool = False) -> tuple[Part, ...]:
        """The rendering of messages given as (role, is empty), generation prompt included.

        With `thinking` it ends inside the model's thinking, without it after; for a model that does not think there is
        no difference.

        Raises:
            TemplateProblem: the template refuses this order of roles.
        """
        thinking = thinking and self.thinks
        known = self._known.get((shape, thinking))
        if known is None:
            known = self._render(shape, thinking)
            if self.thinks:
                known = _thinking_part(known, thinking)
            if len(self._known) >= 512:
                self._known.clear()
            self._known[shape, thinking] = known
        return known

    def _render(self, shape: Shape, thinking: bool) -> tuple[Part, ...]:
        if self._own is None:
            return self._parts(self._chatml, shape, thinking)
        try:
            return self._parts(self._own, shape, thinking)
        except TemplateProblem:
            if len(shape) < 2 or shape[0][0] != "system" or shape[1][0] != "user":
                raise
        # Some templates refuse a system message: its text then opens the first user message.
        merged = self._parts(self._own, shape[1:], thinking)
        renumbered: list[Part] = []
        for part in merged:
            if isinstance(part, str):
                renumbered.append(part)
            else:
                renumbered += [0, "\n\n", 1] if part == 0 else [part + 1]
        return tuple(renumbered)

    def _compile(self, source: str) -> Any:
        environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

        def refuse(message: str) -> None:
            raise TemplateError(message)

        environment.globals["raise_exception"] = refuse
        environment.globals["strftime_now"] = lambda _format: "2026-01-01"  # a moving date would spoil every prefix
        with _deadline():
            return environment.from_string(source)

    def _parts(self, template: Any, shape: Shape, thinking: bool) -> tuple[Part, ...]:
        marks = ["" if empty else f"xCONTENTx{number}x" for number, (_, empty) in enumerate(shape)]
        messages = [{"role": role, "content": mark} for (role, _), mark in zip(shape, marks, strict=True)]
        pieces: list[str] = []
        size = 0
        try:
            with _deadline():
                for piece in template.generate(
                    messages=messages, add_generation_prompt=True, enable_thinking=thinking, tools=None, **self._tokens
                ):
                    size += len(piece)
                    if size > LARGEST:
                        raise TemplateProblem("its output is too long")
                    pieces.append(piece)
        except TemplateProblem:
            raise
        except Exception as problem:  # a template's code can raise anything
            raise TemplateProblem(str(problem)[:200] or type(problem).__name__) from problem
        parts: list[Part] = []
        for index, piece in enumerate(re.split(r"xCONTENTx(\d{1,6})x", "".join(pieces))):
            if index % 2:
                parts.append(int(piece))
            elif piece:
                parts.append(piece)
        wanted = [number for number, mark in enumerate(marks) if mark]
        if [part for part in parts if isinstance(part, int)] != wanted:
            raise TemplateProblem("it drops, repeats or reorders messages")
        return tuple(parts)


def _thinking_part(parts: tuple[Part, ...], thinking: bool) -> tuple[Part, ...]:
    """Open or close the thinking at the end of a generation prompt, where the template has not done so itself."""
    tail = parts[-1] if parts and isinstance(parts[-1], str) else ""
    opened = tail.rstrip().endswith(OPEN)
    if thinking and not opened:
        return (*parts, f"{OPEN}\n")
    if opened and not thinking:
        return (*parts, f"\n{CLOSE}\n\n")
    return parts


@contextmanager
def _deadline() -> Iterator[None]:
    """Interrupt the main thread's Python code after SECONDS, where there is a timer.

    A worker whose filter forbids timers is ended by the host's clock instead.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(_signal: int, _frame: object) -> None:
        raise TemplateProblem(f"it took longer than {SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, late)
    armed = _arm(SECONDS)
    try:
        yield
    finally:
        if armed:
            _arm(0)
        signal.signal(signal.SIGALRM, before)


def _arm(seconds: float) -> bool:
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    except OSError:
        return False
    return True
