"""The inspection worker: the first bytes of a stranger's GGUF in, a summary out. Locked before a byte of it arrives.

Frames in: `inspect` (a file's first bytes), `template` (a chat template, rendered in Jinja's sandbox: the host's clock
ends a worker whose template does not come to an end).
"""

from typing import Any

import jinja2.debug
import jinja2.ext
import jinja2.sandbox  # noqa: F401  before the lock; debug only when a template raises

from rlm_desk.catalogue import metadata
from rlm_desk.chat_template import ChatTemplate, TemplateProblem
from rlm_desk.confine.lockdown import lock
from rlm_desk.confine.policies import INSPECTION
from rlm_desk.wire import FrameError, Header, Pipe

CONVERSATIONS = (
    (("system", False), ("user", False)),
    (("system", False), ("user", False), ("assistant", False), ("user", False)),
)
"""What every run sends: the root's first turn, and its second."""


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel."""
    start, _ = pipe.receive()
    ChatTemplate(None)  # whatever Jinja imports only when it compiles
    pipe.send({"type": "ready", "layers": lock(INSPECTION, start.get("address_space"))})
    while True:
        header, body = pipe.receive()
        if header["type"] == "inspect":
            pipe.send(_inspect(body))
        elif header["type"] == "template":
            pipe.send({"type": "rendered", "note": _render(body.decode("utf-8", "replace"))})
        else:
            raise FrameError(f"unexpected {header['type']!r}")


def _inspect(body: bytes) -> Header:
    try:
        return {"type": "summary", "summary": metadata.summary(body)}
    except metadata.Incomplete:
        return {"type": "incomplete"}
    except (metadata.MetadataError, MemoryError, RecursionError) as problem:
        return {"type": "broken", "reason": str(problem) or type(problem).__name__}


def _render(source: str) -> str:
    """Why a template cannot carry the conversations of a run; empty when it can."""
    template: Any = ChatTemplate(source)
    try:
        for shape in CONVERSATIONS:
            template.parts(shape)
    except TemplateProblem as problem:
        return f"the model's chat template refuses a run's conversation: {str(problem)[:200]}"
    return str(template.note)
