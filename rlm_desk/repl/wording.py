"""How a session's mishaps are told to the model. Host side."""

from rlm_desk import errors


def why(death: errors.WorkerDied) -> str:
    """A death as the model should hear it."""
    if "SIGSEGV" in death.reason:
        return "Python crashed (recursion too deep, or a value too large)"
    if "SIGKILL" in death.reason or "SIGXCPU" in death.reason:
        return "Python was ended by the system"
    if "SIGSYS" in death.reason:
        return "the code asked the system for something that is forbidden here"
    return f"Python stopped ({death.reason})"


def told(lost: tuple[str, ...]) -> str:
    """That a session begins anew without these names; empty when none is missing."""
    return f"Python was started again. Lost: {listed(lost)}.\n" if lost else ""


def listed(names: tuple[str, ...], most: int = 30) -> str:
    """Names in a sentence, the first of them."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
