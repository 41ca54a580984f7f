"""The engine in one thread: requests in, outcomes out, one step at a time. The worker feeds it frames.

A failed step never takes other requests along: each job of it is tried alone, and only those that fail alone end.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rlm_desk.chat_template import ChatTemplate, TemplateProblem
from rlm_desk.engine.decode import Decoder
from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.jobs import Feed, Job
from rlm_desk.engine.log import LogRing
from rlm_desk.engine.model import Model
from rlm_desk.engine.prompt import PromptBuilder
from rlm_desk.engine.sampling import Sampler, greedy_rows
from rlm_desk.engine.scheduler import Scheduler
from rlm_desk.engine.speed import Speed
from rlm_desk.engine.text import TextOut

TEXT_SECONDS = 0.05
"""Pieces of a streamed reply go out this often at most."""
BYTES_PER_TOKEN = 64
"""A prompt of more bytes than this times the window cannot fit, whatever the tokenizer: it is measured by a sample."""

Frame = dict[str, Any]


@dataclass(eq=False, slots=True)
class _Reply:
    """What a job carries besides its tokens."""

    out: TextOut
    sampler: Sampler
    stream: bool
    started: float
    confidence: float = 1.0
    unsent: list[str] = field(default_factory=list)
    sent_at: float = 0.0
    ended: str = ""


class Core:
    """One model, one context, many requests. Not thread-safe."""

    def __init__(
        self,
        model: Model,
        log: LogRing,
        *,
        host_bytes: int = 0,
        idle_cells: int | None = None,
        head_cells: int | None = None,
    ) -> None:
        """`host_bytes`: ordinary memory for keys and values that had to leave the cache; 0 drops them.

        `idle_cells`, `head_cells`: see Scheduler.
        """
        self.model = model
        self._log = log
        self.decoder = Decoder(model)
        self.host = HostCache(host_bytes) if host_bytes and not model.recurrent else None
        self.scheduler = Scheduler(
            self.decoder,
            slots=model.slots,
            cells=model.cells,
            batch=model.batch,
            sequences=model.sequences - 1,
            sharing=not model.recurrent,
            idle_cells=idle_cells,
            head_cells=head_cells,
            host=self.host,
        )
        self.template = ChatTemplate(
            model.chat_template, bos=model.special_text(model.bos), eos=model.special_text(model.eos)
        )
        self._prompts = PromptBuilder(self.template, model.tokenise, model.bos if model.wants_bos else None)
        self._jobs: dict[int, Job] = {}
        self.speed = Speed()
        self._computing = 0.0

    # ---- requests --------------------------------------------------------------------------------------------------

    def count(self, messages: list[tuple[str, str]]) -> int:
        """Tokens of a prompt. Raises TemplateProblem."""
        return self._size(messages) or len(self._prompts.build(messages))

    def submit(self, request: Frame, messages: list[tuple[str, str]]) -> Frame | None:
        """Queue a request; returns the frame that answers it at once when it cannot run."""
        identity = int(request["id"])
        if identity in self._jobs:
            return _error(identity, "Two requests have the same number.", "This is a defect: please report it.")
        window = self.model.window
        most = int(request["max_tokens"])
        try:
            size = self._size(messages)
            tokens = np.empty(0, dtype=np.int32) if size else self._prompts.build(messages)
        except TemplateProblem as problem:
            return _error(
                identity,
                f"The model's chat template refuses this conversation: {problem}.",
                "Choose another model, or report its name to us.",
            )
        size = size or len(tokens)
        if most < 1 or size < 1 or size + most > window:
            return {"type": "refused", "id": identity, "tokens": size + max(most, 1), "window": window}
        room = np.empty(size + most, dtype=np.int32)
        room[:size] = tokens
        sampling = request.get("sampling") or {}
        reply = _Reply(
            TextOut(tuple(request.get("stop") or ())),
            Sampler(
                float(sampling.get("temperature", 0.0)),
                int(sampling.get("top_k", 0)),
                float(sampling.get("top_p", 1.0)),
                float(sampling.get("min_p", 0.0)),
                int(sampling.get("seed", 0)),
            ),
            bool(request.get("stream")),
            time.monotonic(),
        )
        job = Job(identity, room, size, size, most, int(request.get("priority", 0)), extra=reply)
        self._jobs[identity] = job
        self.scheduler.submit(job)
        return None

    def cancel(self, identity: int) -> bool:
        """Free a request's slot now; False when there is no such request (any more)."""
        job = self._jobs.pop(identity, None)
        if job is None:
            return False
        self.scheduler.drop(job)
        job.extra.sampler.close()
        return True

    @property
    def busy(self) -> bool:
        """Whether there is anything to compute."""
        return bool(self._jobs)

    def stats(self) -> Frame:
        """Speeds and loads, JSON."""
        scheduler = self.scheduler
        return {
            "prefill_per_second": self.speed.prefill,
            "decode_per_second": self.speed.decode,
            "slots": scheduler.slots,
            "busy": len(scheduler.live),
            "queued": len(scheduler.queue),
            "idle": scheduler.idle,
            "cells": scheduler.ledger.cells,
            "free_cells": scheduler.ledger.free,
            "evictions": scheduler.evictions,
            "preemptions": scheduler.preemptions,
            "restored": scheduler.restored,
            "host_bytes": self.host.bytes if self.host else 0,
            "steps": self.speed.steps,
            "overhead": self.speed.overhead,
        }

    def close(self) -> None:
        """Free samplers, batch, context, model, in this order."""
        for job in self._jobs.values():
            job.extra.sampler.close()
        self._jobs.clear()
        self.decoder.close()
        self.model.close()

    # ---- a step ----------------------------------------------------------------------------------------------------

    def step(self) -> Iterator[Frame]:
        """Compute one step; yields frames: text, done, error."""
        begun = time.perf_counter()
        scheduler = self.scheduler
        scheduler.chunk = max(1, min(scheduler.batch, self.speed.chunk))
        feeds = scheduler.plan()
        self._computing = 0.0
        for group in self._groups(feeds):
            yield from self._compute([feed for feed in group if feed.job.seq is not None])
        self.speed.record(feeds, self._computing, time.perf_counter() - begun)

    def _groups(self, feeds: list[Feed]) -> list[list[Feed]]:
        """What goes into one `llama_decode`. On a CPU decoding and prefill go apart: flash attention works there in
        tiles of 64 rows, and a tile with rows of many sequences looks at the cells of all of them."""
        if self.model.offloaded:
            return [feeds]
        decoding = [feed for feed in feeds if feed.count == 1]
        return [group for group in (decoding, [feed for feed in feeds if feed.count > 1]) if group]

    def _compute(self, feeds: list[Feed]) -> Iterator[Frame]:
        """One `llama_decode`, and what to do when it does not go through."""
        while feeds:
            called = time.perf_counter()
            result = self.decoder.decode(feeds)
            rows = self.decoder.logits() if result == 0 else None  # waits for the device
            self._computing += time.perf_counter() - called
            if rows is not None:
                self.scheduler.fed(feeds)
                yield from self._draw(feeds, rows)
                return
            if result == 1:
                feeds, failed = self.scheduler.no_room(feeds)
                if failed is not None:
                    yield self._fail(failed, "There is no room for it in the model's memory.")
            else:
                yield from self._alone(feeds, result)
                return

    def _alone(self, feeds: list[Feed], result: int) -> Iterator[Frame]:
        """A step failed: undo what it left, and try its jobs one by one."""
        for feed in feeds:
            self._undo(feed)
        for feed in feeds:
            alone = result if len(feeds) == 1 else self.decoder.decode([feed])
            if alone == 0:
                rows = self.decoder.logits()
                self.scheduler.fed([feed])
                yield from self._draw([feed], rows)
            else:
                self._undo(feed)
                yield self._fail(feed.job, f"llama.cpp could not compute it (result {alone}).")

    def _undo(self, feed: Feed) -> None:
        sequence = feed.job.seq
        if sequence is not None:
            self.decoder.cut(sequence.number, feed.start)

    def _draw(self, feeds: list[Feed], rows: Any) -> Iterator[Frame]:
        """Draw a token for every feed that wants one. `rows` is only valid until the next decode."""
        drawing = [feed for feed in feeds if feed.draws]
        if not drawing:
            return
        best, probability, sane = greedy_rows(rows)
        at = -1
        row = -1
        now = time.monotonic()
        for feed in feeds:
            at += feed.count
            if not feed.draws:
                continue
            row += 1
            job, reply = feed.job, feed.job.extra
            if not sane[row]:
                yield self._fail(job, "The model computed no number for it (its weights may be damaged).")
                continue
            if reply.sampler.greedy:
                token = best[row]
                reply.confidence = min(reply.confidence, probability[row])
            else:
                token = reply.sampler.draw(self.model.context, at)
            job.push(token)
            yield from self._advance(job, reply, token, now)

    def _advance(self, job: Job, reply: _Reply, token: int, now: float) -> Iterator[Frame]:
        """Account for a drawn token: text, stop strings, the end."""
        out = reply.out
        if self.model.ends(token):
            reply.ended = "stop"
        else:
            text = out.feed(self.model.piece(token))
            if text and reply.stream:
                reply.unsent.append(text)
            if out.stopped:
                reply.ended = "stop"
            elif job.generated >= job.max_tokens:
                reply.ended = "length"
        if reply.ended:
            tail = out.finish()
            if tail and reply.stream:
                reply.unsent.append(tail)
        if reply.unsent and (reply.ended or now - reply.sent_at >= TEXT_SECONDS):
            yield {"type": "text", "id": job.id, "text": "".join(reply.unsent)}
            reply.unsent.clear()
            reply.sent_at = now
        if reply.ended:
            del self._jobs[job.id]
            self.scheduler.finish(job)
            reply.sampler.close()
            yield {
                "type": "done",
                "id": job.id,
                "text": out.text,
                "finish": reply.ended,
                "prompt": job.prompt,
                "cached": job.cached,
                "completion": job.generated,
                "seconds": now - reply.started,
                "confidence": reply.confidence,
            }

    def _fail(self, job: Job, why: str) -> Frame:
        self._jobs.pop(job.id, None)
        self.scheduler.drop(job)
        job.extra.sampler.close()
        last = self._log.last_error()
        return _error(
            job.id,
            f"A request failed in the engine: {why}{f' llama.cpp says: {last}' if last else ''}",
            "Ask again; if it fails again, choose a smaller window or another model.",
        )

    def _size(self, messages: list[tuple[str, str]]) -> int:
        """About how many tokens a prompt has that is far too large to tokenise; 0 for one that is not."""
        characters = sum(len(content) for _, content in messages)
        limit = BYTES_PER_TOKEN * self.model.window
        if characters <= limit:
            return 0
        sample = "".join(content[:limit] for _, content in messages)[:limit]
        return max(self.model.window + 1, int(len(self.model.tokenise(sample, False)) * characters / len(sample)))


def _error(identity: int, sentence: str, next_step: str) -> Frame:
    return {"type": "error", "id": identity, "sentence": sentence, "next_step": next_step}
