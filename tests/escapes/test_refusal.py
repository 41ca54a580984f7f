"""Where the boundary is hidden by an outer sandbox, the app refuses, and says so; allowed, it runs and shows it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the boundary is built for Linux so far")
ROOT = Path(__file__).resolve().parents[2]
CODE = textwrap.dedent(
    """
    import asyncio, sys
    from rlm_desk import errors
    from rlm_desk.confine import lockdown, seccomp
    from rlm_desk.corpus import Corpus
    from rlm_desk.repl.session import ReplSession
    from tests.escapes.arena import HIDE_SECCOMP, HIDE_SECOND_LAYERS

    lockdown._prctl(lockdown.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(HIDE_SECCOMP if sys.argv[1] == "seccomp" else HIDE_SECOND_LAYERS)

    async def main():
        try:
            session = await ReplSession.start(Corpus([]), allow_unconfined=sys.argv[2] == "allow")
        except errors.ConfinementError as problem:
            print("refused:", problem.sentence, problem.next_step)
            return
        states = {layer.name: layer.state for layer in session.layers}
        result = await session.run("1 + 1", None)
        print(result.output.strip(), states["syscalls"], states["self-test"], states["landlock"], states["namespaces"])
        await session.close()

    asyncio.run(main())
    """
)


def ask(hidden: str, allowed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE, hidden, allowed], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_hidden_seccomp_is_refused_in_a_sentence() -> None:
    told = ask("seccomp", "no")
    assert told.startswith("refused: This machine cannot confine the repl worker: ")
    assert "allow unconfined" in told


def test_hidden_seccomp_runs_when_it_is_allowed_and_says_so() -> None:
    assert ask("seccomp", "allow").startswith("2 off ")


def test_hidden_second_layers_run_and_say_so() -> None:
    assert ask("second layers", "no") == "2 on on off off"
