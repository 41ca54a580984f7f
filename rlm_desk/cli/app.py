"""The entry point: `rlm-desk` alone opens the desk, and loads nothing of the other commands; they do the rest."""

import os
import sys

from rlm_desk import crash
from rlm_desk.errors import DeskError

WINDOWS = (
    "rlm-desk: Windows offers no boundary that rlm-desk could run strangers' documents and a model's code behind.\n"
    "  Run it in WSL2, which is Linux: wsl --install, then follow README.md there."
)


def main() -> None:
    """Run the command line; a DeskError ends as a sentence and its exit code, never as a traceback."""
    if sys.platform == "win32":
        print(WINDOWS, file=sys.stderr)
        sys.exit(7)
    _standard_streams()
    os.umask(0o077)  # whatever it writes, exports too, is for this person only
    try:
        _run(bool(sys.argv[1:]))
    except DeskError as problem:
        print(f"rlm-desk: {problem.sentence}", file=sys.stderr)
        if problem.next_step:
            print(f"  {problem.next_step}", file=sys.stderr)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        print("rlm-desk: stopped.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # a reader such as `head` has gone: silence the flush at exit too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as problem:
        if not crash.wanted():
            raise
        print(crash.told(problem), file=sys.stderr)
        sys.exit(1)


def _standard_streams() -> None:
    """Open what was closed of input, output and errors, as some schedulers start programs: the next file that is opened
    would take its number, and a line of progress would be written into the database.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def _run(more: bool) -> None:
    """The desk; or, with `more` on the command line, what that says. The commands take as long to import as a frame."""
    if more:
        from rlm_desk.cli.commands import OWN_PROCESS, app

        app(standalone_mode=True, obj=OWN_PROCESS)
        return
    from rlm_desk.cli.screen import open_screen
    from rlm_desk.cli.shutting import shut_off
    from rlm_desk.config import load

    crash.keep_quiet()
    chosen = load()
    shut_off(chosen)
    open_screen(chosen)


if __name__ == "__main__":
    main()
