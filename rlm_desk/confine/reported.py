"""What a worker says in its "failed" frame, as the error it means. Host side."""

from rlm_desk import errors, wire

_REPORTABLE = {
    error.__name__: error
    for error in (
        errors.UsageError,
        errors.DocumentError,
        errors.ModelError,
        errors.DoesNotFit,
        errors.EngineError,
        errors.StoreError,
        errors.ConfinementError,
    )
}


def reported(kind: str, header: wire.Header, stderr: str) -> errors.DeskError:
    """The error a worker named in its "failed" frame."""
    sentence, next_step = str(header.get("sentence", "")), str(header.get("next_step", ""))
    known = _REPORTABLE.get(str(header.get("error", "")))
    if known is not None:
        return known(sentence, next_step)
    return errors.WorkerDied(kind, sentence.rstrip("."), stderr)
