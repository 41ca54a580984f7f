"""The engine in one thread: requests in, outcomes out, one step at a time. The worker feeds it frames.

A failed step never takes other requests along: each job of it is tried alone, and only those that fail alone end.
"""

import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlm_desk.chat_template import ChatTemplate
from rlm_desk.engine.candidates import Candidates
from rlm_desk.engine.decode import ABORTED, Decoder
from rlm_desk.engine.diskcache import DiskCache
from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.incoming import Frame, Incoming, Messages, Refused, error
from rlm_desk.engine.interrupting import Interruption
from rlm_desk.engine.jobs import Feed, Job
from rlm_desk.engine.log import LogRing
from rlm_desk.engine.model import Model
from rlm_desk.engine.reply import Reply
from rlm_desk.engine.rows import groups
from rlm_desk.engine.sampling import NothingAllowed, greedy_rows
from rlm_desk.engine.scheduler import Scheduler
from rlm_desk.engine.speed import Speed
from rlm_desk.engine.thinking import ENDING


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
        crowd: int | None = None,
        disk: DiskCache | None = None,
        cancelled: Callable[[], Collection[int]] | None = None,
    ) -> None:
        """`host_bytes`: ordinary memory for keys and values that had to leave the cache; 0 drops them, unless `disk`
        keeps them. `idle_cells`, `head_cells`, `crowd`: see Scheduler. `cancelled`: see Interruption.
        """
        self.model = model
        self._log = log
        self.decoder = Decoder(model)
        kept = (host_bytes or disk is not None) and not model.recurrent
        self.host = HostCache(host_bytes, disk=disk) if kept else None
        self.scheduler = Scheduler(
            self.decoder,
            slots=model.slots,
            cells=model.cells,
            batch=model.batch,
            micro_batch=model.micro_batch,
            sequences=model.sequences - 1,
            sharing=not model.recurrent,
            idle_cells=idle_cells,
            head_cells=head_cells,
            crowd=crowd,
            host=self.host,
        )
        self.template = ChatTemplate(
            model.chat_template, bos=model.special_text(model.bos), eos=model.special_text(model.eos)
        )
        self.incoming = Incoming(model, self.template)
        self._candidates = Candidates(model.vocabulary)
        self._jobs: dict[int, Job] = {}
        self._timed: dict[int, float] = {}
        self.speed = Speed()
        self._interruption = Interruption(None if model.recurrent else cancelled, self._timed, self.speed)

    # ---- requests --------------------------------------------------------------------------------------------------

    def count(self, messages: Messages) -> int:
        """Tokens of a prompt. Raises TemplateProblem."""
        return self.incoming.count(messages)

    def submit(self, request: Frame, messages: Messages) -> Frame | None:
        """Queue a request; returns the frame that answers it at once when it cannot run."""
        identity = int(request["id"])
        if identity in self._jobs:
            return error(identity, "Two requests have the same number.", "This is a defect: please report it.")
        try:
            job = self.incoming.job(request, messages)
        except Refused as refused:
            return refused.frame
        self._jobs[identity] = job
        if job.extra.deadline:
            self._timed[identity] = job.extra.deadline
        self.scheduler.submit(job)
        return None

    def cancel(self, identity: int) -> bool:
        """Free a request's slot now; False when there is no such request (any more)."""
        job = self._jobs.get(identity)
        if job is None:
            return False
        self._drop(job)
        return True

    def flush(self) -> None:
        """Save what lies idle in the cache, so that the disk keeps it."""
        self.scheduler.residents.save_idle()

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
            "idle": scheduler.residents.idle,
            "cells": scheduler.ledger.cells,
            "free_cells": scheduler.ledger.free,
            "evictions": scheduler.residents.evictions,
            "preemptions": scheduler.preemptions,
            "restored": scheduler.residents.restored,
            "host_bytes": self.host.bytes if self.host else 0,
            "steps": self.speed.steps,
            "overhead": self.speed.overhead,
        }

    def close(self) -> None:
        """Free samplers, batch, context, model, in this order."""
        for job in self._jobs.values():
            job.extra.sampler.close()
        self._jobs.clear()
        self.incoming.close()
        self.decoder.close()
        self.model.close()

    # ---- a step ----------------------------------------------------------------------------------------------------

    def step(self) -> Iterator[Frame]:
        """Compute one step; yields frames: text, done, error."""
        begun, computed = time.perf_counter(), self.decoder.seconds
        if self._timed:
            yield from self._give_up(time.monotonic())
        scheduler = self.scheduler
        scheduler.chunk = max(1, min(scheduler.batch, self.speed.chunk))
        feeds = scheduler.plan()
        for group in groups(feeds, self.model.offloaded):
            yield from self._compute([feed for feed in group if feed.job.seq is not None])
        if not self.decoder.aborted:  # the time of a part says nothing of the whole
            self.speed.record(feeds, self.decoder.seconds - computed, time.perf_counter() - begun)

    def _compute(self, feeds: list[Feed]) -> Iterator[Frame]:
        """One `llama_decode`, and what to do when it does not go through."""
        while feeds:
            result = self.decoder.decode(feeds, self._interruption.of(feeds))
            if result == 0:
                rows = self.decoder.logits()
                self.scheduler.fed(feeds)
                yield from self._draw(feeds, rows)
                return
            if result == 1:
                feeds, failed = self.scheduler.no_room(feeds)
                if failed is not None:
                    yield self._fail(failed, "There is no room for it in the model's memory.")
            else:
                for feed in feeds:
                    self._undo(feed)
                if result != ABORTED:
                    yield from self._alone(feeds, result)
                return

    def _alone(self, feeds: list[Feed], result: int) -> Iterator[Frame]:
        """A step failed and was undone: try its jobs one by one."""
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
            try:
                token = self._choose(reply, rows[row], best[row], probability[row])
            except NothingAllowed:
                yield self._fail(job, "The form asked of the reply leaves the model no token to go on with.")
                continue
            job.push(token)
            yield from self._advance(job, reply, token, now)

    def _choose(self, reply: Reply, row: NDArray[np.float32], best: int, probability: float) -> int:
        """The next token of a reply, whose likeliest is `best` with this probability. Raises NothingAllowed."""
        sampler = reply.sampler
        if sampler.greedy:
            reply.confidence = min(reply.confidence, probability)
            return best
        token = sampler.draw(row, best, self._candidates, free=reply.thinks)
        if sampler.certain:
            reply.confidence = min(reply.confidence, probability * float(np.exp(row[token] - row[best])))
        return token

    def _advance(self, job: Job, reply: Reply, token: int, now: float) -> Iterator[Frame]:
        """Account for a drawn token: text, thinking, stop strings, the end."""
        thinking = reply.thinks
        if self.model.ends(token):
            reply.end("stop")
        else:
            reply.take(self.model.piece(token))
            if thinking:
                self._limit_thinking(job, reply)
            if reply.out.stopped:
                reply.end("stop")
            elif job.generated >= job.max_tokens:
                reply.end("length")
        if text := reply.due(now):
            yield {"type": "text", "id": job.id, "text": text}
        if reply.ended:
            self._forget(job)
            self.scheduler.finish(job)
            yield {
                "type": "done",
                "id": job.id,
                "text": reply.out.text,
                "thinking": reply.thinking.text if reply.thinking else "",
                "finish": reply.ended,
                "prompt": job.prompt,
                "cached": job.cached,
                "completion": job.generated,
                "seconds": now - reply.started,
                "confidence": reply.confidence,
            }

    def _limit_thinking(self, job: Job, reply: Reply) -> None:
        """End a reply's thinking when its budget is spent; once it has ended, the answer has its own limit."""
        if reply.thinking is not None and reply.thinking.over:
            for token in self.incoming.ending:
                job.push(int(token))
            reply.take(ENDING.encode())
        if not reply.thinks:
            job.max_tokens = min(job.max_tokens, job.generated + reply.answer_tokens)

    def _give_up(self, now: float) -> Iterator[Frame]:
        """End requests whose time is over."""
        for identity in [identity for identity, deadline in self._timed.items() if deadline <= now]:
            job = self._jobs[identity]
            seconds = job.extra.deadline - job.extra.started
            self._drop(job)
            sentence = f"The request was given up: it took longer than {seconds:.3g} s."
            yield error(identity, sentence, "Give it more time, or ask for less.", "DeadlinePassed")

    def _drop(self, job: Job) -> None:
        self._forget(job)
        self.scheduler.drop(job)

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        self._timed.pop(job.id, None)
        job.extra.sampler.close()

    def _fail(self, job: Job, why: str) -> Frame:
        self._drop(job)
        last = self._log.last_error()
        return error(
            job.id,
            f"A request failed in the engine: {why}{f' llama.cpp says: {last}' if last else ''}",
            "Ask again; if it fails again, choose a smaller window or another model.",
        )
