"""The same question asked of a second witness: what sockets does a program open, by strace where it is installed."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "%network,?io_uring_setup,?pidfd_getfd"
MAKES = ("socket", "socketpair", "accept", "accept4", "io_uring_setup", "pidfd_getfd")
"""Calls whose result is a new descriptor to the outside."""

_LINE = re.compile(r"(?P<pid>\d+)\s+(?P<resumed><\.\.\. )?(?P<call>\w+)(?P<rest>.*)")
_RESULT = re.compile(r"=\s(-?\d+)[^=]*$")


@dataclass(slots=True)
class Traced:
    """What strace saw."""

    returncode: int = 0
    output: str = ""
    pairs: int = 0
    """Socket pairs of AF_UNIX that were made."""
    violations: list[str] = field(default_factory=list)
    """Lines of anything else that made a socket."""


def version() -> str:
    """The version of strace; empty where there is none."""
    path = shutil.which("strace")
    if path is None:
        return ""
    said = subprocess.run([path, "-V"], capture_output=True, text=True, check=False, timeout=10).stdout
    return said.split("\n")[0].rpartition(" ")[2] or "unknown"


def run(command: Sequence[str], environment: dict[str, str], seconds: float) -> Traced:
    """Run a program to its end under `strace -f`. Blocking.

    Raises:
        OSError: strace is not installed, or may not trace here (a container may forbid it).
        TimeoutError: the program did not end in `seconds`; it was killed.
    """
    path = shutil.which("strace")
    if path is None:
        raise OSError("strace is not installed")
    with tempfile.TemporaryDirectory(prefix="rlm-desk-") as folder:
        log = Path(folder) / "trace"
        process = subprocess.Popen(
            [path, "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            raw, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # strace alone would let the program run on
            process.communicate()
            raise TimeoutError("the program that was traced did not end in time") from None
        said = raw.decode("utf-8", "replace")
        if not log.exists() or "ptrace" in said:
            raise OSError(f"strace cannot trace here: {said.strip().splitlines()[-1] if said.strip() else 'no output'}")
        found = read(log.read_text("utf-8", "replace").splitlines())
    found.returncode, found.output = process.returncode, said
    return found


def read(lines: Iterable[str]) -> Traced:
    """Judge strace's lines: a call that failed opened nothing; one cut in two is put together again."""
    found = Traced()
    begun: dict[str, str] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None or match["call"] not in MAKES:
            continue
        if line.endswith("<unfinished ...>"):
            begun[match["pid"]] = line
            continue
        whole = f"{begun.pop(match['pid'], '')} {line}" if match["resumed"] else line
        result = _RESULT.search(line)
        if result is not None and int(result[1]) < 0:
            continue
        if match["call"] == "socketpair" and "AF_UNIX" in whole:
            found.pairs += 1
        else:
            found.violations.append(whole.strip())
    return found
