"""The one entry of every worker process: `python -I -m rlm_desk._worker KIND PARENT_PID`.

It runs before anything is confined, so it imports as little as it can: it moves the channel to private descriptors,
ties the worker's life to its parent's, and hands over to the module that knows the job.
"""

import importlib
import os
import signal
import sys

from rlm_desk import crash
from rlm_desk.wire import FrameError, Pipe

MODULES = {
    "repl": "rlm_desk.repl.worker",
    "extraction": "rlm_desk.documents.worker",
    "engine": "rlm_desk.engine.worker",
    "inspection": "rlm_desk.catalogue.worker",
    "bundle": "rlm_desk.report.unpacking",
    "egress": "rlm_desk.engine.remote.worker",
    "connector": "rlm_desk.confine.connector",
    "probe": "rlm_desk.confine.probe",
}
"""What each kind of worker runs: a module with `main(pipe)`."""


def private_channel() -> Pipe:
    """The channel on descriptors of its own; 0 becomes /dev/null, 1 and 2 the pipe for messages to people.

    Native code prints to descriptor 1 when it likes, and code in a cell may read descriptor 0: neither may meet frames.
    """
    read_fd, write_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return Pipe(read_fd, write_fd)


def follow_parent(parent: int) -> None:
    """Make this process end when its parent does: by the kernel on Linux, elsewhere by a thread that looks."""
    if sys.platform == "linux":
        from rlm_desk.confine.lockdown import die_with_parent

        die_with_parent()
    else:
        import threading
        import time

        def watch() -> None:
            while os.getppid() == parent:
                time.sleep(1)
            os._exit(0)

        threading.Thread(target=watch, daemon=True).start()
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def main(argv: list[str]) -> int:
    """Run the worker named by argv[1] until its channel closes. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kind, parent = argv[1], int(argv[2])
    pipe = private_channel()
    follow_parent(parent)
    try:
        importlib.import_module(MODULES[kind]).main(pipe)
    except (EOFError, BrokenPipeError):
        return 0  # the host closed the channel: the ordinary end
    except FrameError as problem:
        print(f"protocol: {problem}", file=sys.stderr)
        return 3
    except Exception as problem:
        print(crash.report(problem), file=sys.stderr)
        meant = hasattr(problem, "next_step")  # written for people; any other message may quote a document
        pipe.send(
            {
                "type": "failed",
                "error": type(problem).__name__,
                "sentence": str(problem) if meant else crash.place(problem),
                "next_step": getattr(problem, "next_step", ""),
            }
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
