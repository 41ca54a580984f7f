"""The inspection worker: the first bytes of a stranger's GGUF in, a summary out. Locked before a byte of it arrives."""

from rlm_desk.catalogue import metadata
from rlm_desk.confine.lockdown import lock
from rlm_desk.confine.policies import INSPECTION
from rlm_desk.wire import FrameError, Pipe


def main(pipe: Pipe) -> None:
    """Serve until the host closes the channel."""
    start, _ = pipe.receive()
    pipe.send({"type": "ready", "layers": lock(INSPECTION, start.get("address_space"))})
    while True:
        header, body = pipe.receive()
        if header["type"] != "inspect":
            raise FrameError(f"unexpected {header['type']!r}")
        try:
            pipe.send({"type": "summary", "summary": metadata.summary(body)})
        except metadata.Incomplete:
            pipe.send({"type": "incomplete"})
        except (metadata.MetadataError, MemoryError, RecursionError) as problem:
            pipe.send({"type": "broken", "reason": str(problem) or type(problem).__name__})
