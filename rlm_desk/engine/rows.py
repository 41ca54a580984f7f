"""No prompt row is computed alone. llama.cpp has a kernel of its own for a single row, which rounds differently: the
logits behind it would depend on how a prompt was cut (up to 3e-3 on desk-tiny), and it reads the weights for one row.

Not covered: a step shortened because the cache is full, and rows of prompts that share a micro-batch with rows of
replies on a GPU.
"""

from rlm_desk.engine.jobs import Feed, Job

LEAST = 2
"""Rows of a prompt that are computed together at least. So many of its last tokens are always fed, resident or not."""


def reusable(job: Job) -> int:
    """Tokens of a job that may come from elsewhere; the rest is fed."""
    return max(0, job.known - LEAST)


def part(job: Job, room: int) -> int:
    """How much of a prompt is fed where `room` rows are left; 0 to wait for the next step."""
    count = min(job.wanted, room)
    if job.wanted - count == 1:
        count -= 1  # the next step feeds two
    return count if count >= LEAST else 0


def joined(prompts: list[Feed], micro_batch: int) -> list[Feed]:
    """The same step without a single row behind its last whole micro-batch: the last prompt's end waits for the next
    step, which costs no computation more."""
    total = sum(feed.count for feed in prompts)
    if total <= micro_batch or total % micro_batch != 1:
        return prompts
    *others, last = prompts
    if last.count < 2 * LEAST:
        return others
    return [*others, Feed(last.job, last.start, last.count - LEAST, False)]


def groups(feeds: list[Feed], offloaded: bool) -> list[list[Feed]]:
    """What goes into one `llama_decode`. On a CPU decoding and prefill go apart: flash attention works there in tiles
    of 64 rows, and a tile with rows of many sequences looks at the cells of all of them."""
    if offloaded:
        return [feeds]
    decoding = [feed for feed in feeds if feed.count == 1]
    return [group for group in (decoding, [feed for feed in feeds if feed.count > 1]) if group]
