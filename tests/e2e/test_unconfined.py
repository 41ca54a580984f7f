"""Without the boundary (an outer filter hides seccomp): refused; allowed in the open; the demonstration exempt."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the boundary is built for Linux so far")
ROOT = Path(__file__).resolve().parents[2]
HIDDEN = (
    "import sys, os; from rlm_desk.confine import lockdown, seccomp; from tests.escapes.arena import HIDE_SECCOMP; "
    "lockdown.no_new_privileges(); seccomp.install(HIDE_SECCOMP); "
    "os.execv(sys.executable, [sys.executable, '-m', 'rlm_desk', *sys.argv[1:]])"
)
TEXT = "The yearly fee of Brenvale Logistics is 4,250 euros. It is paid each March. " * 3


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(TEXT)
    return path


def run(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDDEN, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("command", [("ask", "-q", "What is the fee?"), ("docs", "read")], ids=["ask", "docs read"])
def test_strangers_documents_are_refused_with_a_way_out(
    environment: dict[str, str], letter: Path, command: tuple[str, ...]
) -> None:
    asked = run(environment, *command, letter)
    assert asked.returncode == 7, asked.stderr
    assert "cannot confine" in asked.stderr and "--allow-unconfined" in asked.stderr and "WSL2" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize("route", ["plain", "recursive"])
def test_allowed_for_a_session_it_runs_and_says_so_at_both_ends(
    environment: dict[str, str], letter: Path, route: str
) -> None:
    asked = run(environment, "ask", letter, "-q", "What is the fee?", "--route", route, "--allow-unconfined")
    assert asked.returncode in (0, 8), asked.stderr
    assert asked.stderr.count("UNCONFINED: ") == 2


@pytest.mark.parametrize("command", ["docs read", "models import", "models info"])
def test_every_command_that_names_the_option_has_it(environment: dict[str, str], letter: Path, command: str) -> None:
    model = ROOT / "models" / "desk-tiny" / "desk-tiny.gguf"
    words = (*command.split(), letter if command.startswith("docs") else model)
    refused = run(environment, *words)
    assert refused.returncode == 7 and "--allow-unconfined" in refused.stderr, refused.stderr
    done = run(environment, *words, "--allow-unconfined")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("UNCONFINED: ") == 1


def test_the_demonstration_runs_since_its_documents_are_ours(environment: dict[str, str]) -> None:
    shown = run(environment, "demo", "--plain", "--tokens", "6k", "--seed", "3", "--family", "count")
    assert shown.returncode in (0, 1), shown.stderr  # whether desk-tiny is right about it is not the question here
    assert "UNCONFINED: " in shown.stderr


def test_doctor_says_what_does_not_hold(environment: dict[str, str]) -> None:
    told = run(environment, "doctor")
    assert told.returncode == 7, told.stdout
    assert "NOT confined here; refused unless allowed" in told.stdout
    assert "network     off: the kernel offers no filter here" in told.stdout


def test_where_the_boundary_holds_nothing_is_said(environment: dict[str, str], letter: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "rlm_desk", "ask", str(letter), "-q", "What is the fee?", "--allow-unconfined"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert asked.returncode == 0 and "UNCONFINED" not in asked.stderr
