"""`rlm-desk doctor --offline`: a whole question under the kernel's eyes, and which sockets it opened."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.confine import tracing, watch

SECONDS = 300.0
TOKENS = 3000
"""Size of the invented corpus: a dozen agreements, several times desk-tiny's window."""
_ROOT = str(Path(__file__).resolve().parents[2])
_ENTRY = "import sys; sys.path.insert(0, sys.argv.pop(1)); from rlm_desk.cli.app import main; main()"
_CONTROL = "import socket; socket.socketpair(); socket.socket(socket.AF_INET)"
ENDED_WELL = (0, 8)
"""Exit codes of a run that went its whole way: an answer, or a best effort when a budget ran out."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the witnesses say."""

    holds: bool
    lines: tuple[str, ...]


def prove() -> Proof:
    """Ask desk-tiny about invented documents under the watch, and under strace where there is one. Blocking.

    Each witness first has to catch a program that does open an internet socket: one that cannot fail proves nothing.
    """
    with tempfile.TemporaryDirectory(prefix="rlm-desk-offline-") as name:
        folder = Path(name)
        command, environment = _question(folder)
        lines: list[str] = []
        verdicts = [_watched(command, environment, lines), _traced(command, environment, lines)]
    proven = [verdict for verdict in verdicts if verdict is not None]
    if not proven:
        lines.append("proof       none: this machine lets neither witness look")
    return Proof(bool(proven) and all(proven), tuple(lines))


def _question(folder: Path) -> tuple[list[str], dict[str, str]]:
    from rlm_desk.demo import show

    demonstration = show.prepare(folder / "documents", seed=1, tokens=TOKENS, family="count")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RLM_DESK_")}
    (folder / "config").mkdir()
    environment = kept | {"XDG_CONFIG_HOME": str(folder / "config"), "NO_COLOR": "1"}
    command = [sys.executable, "-I", "-c", _ENTRY, _ROOT, "ask", str(folder / "documents")]
    command += ["-q", demonstration.question.text, "--model", "desk-tiny", "--route", "recursive", "--yes", "--plain"]
    return [*command, "--no-cache", "--data-dir", str(folder / "data")], environment


def _watched(command: list[str], environment: dict[str, str], lines: list[str]) -> bool | None:
    """The kernel's notifications. None where it gives none."""
    try:
        control = watch.run([sys.executable, "-I", "-c", _CONTROL], environment, SECONDS)
        seen = watch.run(command, environment, SECONDS)
    except OSError as problem:
        lines.append(f"watch       not possible: the kernel offers no notification here ({problem})")
        return None
    except TimeoutError:
        lines.append(f"watch       the question was not answered within {SECONDS:g} s")
        return False
    if not control.violations or not control.pairs:
        lines.append("watch       not believed: it missed a program that opened an internet socket")
        return False
    ran = seen.returncode in ENDED_WELL
    programs = ", ".join(f"{n} {what}" if (n := seen.programs.count(what)) > 1 else what for what in _once(seen))
    lines.append(f"watch       {len(seen.programs)} programs, every call that makes a socket: {programs}")
    return _verdict("watch", ran, seen.pairs, seen.violations, seen.output, lines)


def _traced(command: list[str], environment: dict[str, str], lines: list[str]) -> bool | None:
    """Strace. None where there is none, or where it may not trace."""
    version = tracing.version()
    if not version:
        lines.append("strace      not installed: install it for a second witness")
        return None
    try:
        control = tracing.run([sys.executable, "-I", "-c", _CONTROL], environment, SECONDS)
        if not control.violations or not control.pairs:
            lines.append("strace      not believed: it missed a program that opened an internet socket")
            return False
        seen = tracing.run(command, environment, SECONDS)
    except OSError as problem:
        lines.append(f"strace      {problem}")
        return None
    except TimeoutError:
        lines.append(f"strace      the question was not answered within {SECONDS:g} s")
        return False
    lines.append(f"strace      version {version}, the same question again")
    return _verdict("strace", seen.returncode in ENDED_WELL, seen.pairs, seen.violations, seen.output, lines)


def _verdict(who: str, ran: bool, pairs: int, violations: list[str], output: str, lines: list[str]) -> bool:
    if not ran:
        last = output.strip().splitlines()[-1:] or ["it said nothing"]
        lines.append(f"  {who}: the question was not answered, so this proves nothing: {last[0]}")
        return False
    if violations:
        lines += [f"  NOT OFFLINE: {one}" for one in violations[:10]]
        return False
    lines.append(f"  sockets: {pairs} AF_UNIX pair{'s' * (pairs != 1)} (the event loop's own), and no other was opened")
    return True


def _once(seen: watch.Watched) -> list[str]:
    return list(dict.fromkeys(seen.programs))
