"""From a `complete` frame to a job: the prompt is built and measured, and what cannot run is refused here."""

import time
from typing import Any

import numpy as np

from rlm_desk.chat_template import ChatTemplate, TemplateProblem
from rlm_desk.engine.grammar import GrammarProblem, Grammars
from rlm_desk.engine.jobs import Job, Tokens
from rlm_desk.engine.model import Model
from rlm_desk.engine.prompt import PromptBuilder
from rlm_desk.engine.reply import Reply
from rlm_desk.engine.sampling import Sampler
from rlm_desk.engine.text import TextOut
from rlm_desk.engine.thinking import ENDING, Thinking

BYTES_PER_TOKEN = 64
"""A prompt of more bytes than this times the window cannot fit, whatever the tokenizer: it is measured by a sample."""

Frame = dict[str, Any]
Messages = list[tuple[str, str]]


class Refused(Exception):
    """A request that cannot run; `frame` answers it."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame["type"])
        self.frame = frame


class Incoming:
    """Makes jobs for one model."""

    def __init__(self, model: Model, template: ChatTemplate) -> None:
        self._model = model
        self._template = template
        self._prompts = PromptBuilder(template, model.tokenise, model.bos if model.wants_bos else None)
        self._grammars = Grammars(model.vocab)
        self.ending: Tokens = model.tokenise(ENDING, True) if template.thinks else np.empty(0, dtype=np.int32)
        """Tokens that end a reply's thinking."""

    def count(self, messages: Messages) -> int:
        """Tokens of a prompt. Raises TemplateProblem."""
        return self._size(messages) or len(self._prompts.build(messages))

    def prompt(self, messages: Messages, thinking: bool = False) -> Tokens:
        """A prompt's tokens. Raises TemplateProblem."""
        return self._prompts.build(messages, thinking)

    def job(self, request: Frame, messages: Messages) -> Job:
        """A job for a request. Raises Refused."""
        identity, most = int(request["id"]), int(request["max_tokens"])
        thinking = max(0, int(request.get("thinking", 0))) if self._template.thinks else 0
        window = self._model.window
        try:
            size = self._size(messages)
            tokens = np.empty(0, dtype=np.int32) if size else self.prompt(messages, thinking > 0)
        except TemplateProblem as problem:
            sentence = f"The model's chat template refuses this conversation: {problem}."
            raise Refused(error(identity, sentence, "Choose another model, or report its name to us.")) from problem
        size = size or len(tokens)
        reply = max(most, 1) + (thinking + len(self.ending) if thinking else 0)
        if most < 1 or size < 1 or size + reply > window:
            raise Refused({"type": "refused", "id": identity, "tokens": size + reply, "window": window})
        room = np.empty(size + reply + (0 if thinking else len(self.ending)), dtype=np.int32)
        room[:size] = tokens
        extra = self._reply(request, identity, most, thinking)
        return Job(identity, room, size, size, reply, int(request.get("priority", 0)), extra=extra)

    def close(self) -> None:
        """Free the parsed grammars."""
        self._grammars.close()

    def _reply(self, request: Frame, identity: int, most: int, thinking: int) -> Reply:
        try:
            grammar = self._grammars.get(str(request.get("grammar") or ""), str(request.get("schema") or ""))
        except GrammarProblem as problem:
            sentence = f"The form asked of the reply cannot be used: {problem}."
            raise Refused(error(identity, sentence, "Correct the grammar or the schema.")) from problem
        now = time.monotonic()
        seconds = float(request.get("seconds", 0.0))
        # Without a budget a model may still begin to think, which is ended at once; a grammar does not let it begin.
        watched = self._template.thinks and (thinking > 0 or grammar is None)
        return Reply(
            TextOut(tuple(request.get("stop") or ())),
            Sampler(request.get("sampling") or {}, self._model.vocabulary, grammar),
            bool(request.get("stream")),
            now,
            most,
            deadline=now + seconds if seconds > 0 else 0.0,
            thinking=Thinking(thinking, opened=thinking > 0) if watched else None,
        )

    def _size(self, messages: Messages) -> int:
        """About how many tokens a prompt has that is far too large to tokenise; 0 for one that is not."""
        characters = sum(len(content) for _, content in messages)
        limit = BYTES_PER_TOKEN * self._model.window
        if characters <= limit:
            return 0
        sample = "".join(content[:limit] for _, content in messages)[:limit]
        return max(self._model.window + 1, int(len(self._model.tokenise(sample, False)) * characters / len(sample)))


def error(identity: int, sentence: str, next_step: str, name: str = "EngineError") -> Frame:
    """The frame that ends a request with an error; `name` is the class the host raises."""
    return {"type": "error", "id": identity, "error": name, "sentence": sentence, "next_step": next_step}
