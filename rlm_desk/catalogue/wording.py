"""A fit in words: what goes where, what is left, what was given up."""

from rlm_desk.catalogue.fit import Fit, gib
from rlm_desk.clean import plural


def describe(fit: Fit) -> str:
    """What will happen, in lines of at most 100 characters or so."""
    plan = fit.plan
    gpus = fit.shares[1:]
    where = ""
    if gpus:
        on_gpu = sum(share.layers for share in gpus)
        every = on_gpu + fit.shares[0].layers
        where = f", {on_gpu} of {every} layers on {' and '.join(share.device for share in gpus)}"
    slots = plural(plan.slots, "slot")
    workers = f", {plan.workers} workers of {plan.threads // plan.workers} thread" if plan.workers > 1 else ""
    lines = [
        f"window {plan.window:,} tokens, {slots}, {plan.cells:,} cells, KV {plan.kv_type}{where}{workers}",
        f"{'':<10}{'weights':>10}{'KV':>10}{'compute':>10}{'process':>10}{'takes':>10}{'free now':>10}{'left':>10}",
    ]
    for share in fit.shares:
        free, left = ("?", "?") if share.free is None else (gib(share.free), gib(max(0, share.free - share.total)))
        lines.append(
            f"{share.device:<10}{gib(share.weights):>10}{gib(share.kv):>10}{gib(share.compute):>10}"
            f"{gib(share.process):>10}{gib(share.total):>10}{free:>10}{left:>10}"
        )
    kept = [f"{gib(share.reserve)} of {share.device}" for share in fit.shares if share.free is not None]
    if kept:
        lines.append(f"left alone for other programs: {', '.join(kept)} (a gibibyte or a tenth of what is free)")
    if fit.plan.host_bytes:
        lines.append(f"takes {gib(fit.total)} at first, up to {gib(fit.most)} as it keeps what questions have read")
    lines.append(_resident(fit))
    lines += [f"note: {note}" for note in fit.notes]
    lines += [f"given up: {step}" for step in fit.steps]
    lines += [f"did not fit: {one}" for one in fit.tried]
    if fit.confirmed:
        lines.append("confirmed by a dry run of llama.cpp: the same buffers, nothing loaded")
    return "\n".join(lines)


def _resident(fit: Fit) -> str:
    inside, beside = fit.resident
    if not inside and not beside:
        return "follow-up questions read their chunks again: no room to keep any"
    most = f" (up to {gib(fit.plan.host_bytes)})" if fit.plan.host_bytes else ""
    chunks = plural(inside + beside, "chunk")
    return (
        f"a follow-up question finds {chunks} of {fit.chunk:,} tokens already read: {inside} in the "
        f"cache, {beside} in memory beside it{most}"
    )
