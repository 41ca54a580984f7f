"""The scripts that travel: they refuse what is wrong before they do anything. The whole way is packaging/check.sh."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
pytestmark = pytest.mark.skipif(shutil.which("sha256sum") is None, reason="the scripts are for systems with sha256sum")


def run(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", *map(str, arguments)], capture_output=True, text=True, check=False, env=os.environ | {"HOME": str(home)}
    )


@pytest.mark.parametrize("script", ["bundle.sh", "install.sh", "check.sh"])
def test_scripts_are_shell(script: str, tmp_path: Path) -> None:
    assert run("-n", PACKAGING / script, home=tmp_path).returncode == 0


def test_a_bundle_is_not_written_over_and_wants_models(tmp_path: Path) -> None:
    assert run(PACKAGING / "bundle.sh", home=tmp_path).returncode == 2
    there = run(PACKAGING / "bundle.sh", tmp_path, home=tmp_path)
    assert (there.returncode, "already there" in there.stderr) == (2, True)
    wrong = tmp_path / "page.gguf"
    wrong.write_text("<html>")
    refused = run(PACKAGING / "bundle.sh", tmp_path / "out", wrong, home=tmp_path)
    assert (refused.returncode, "is no GGUF file" in refused.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_changed_on_its_way_is_not_installed(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    shutil.copy(PACKAGING / "install.sh", folder)
    (folder / "MADE-FOR").write_text("2.7 Nowhere vax\n")
    digest = hashlib.sha256((folder / "MADE-FOR").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  ./MADE-FOR\n")
    other = run(folder / "install.sh", tmp_path / "app", home=tmp_path)
    assert (other.returncode, "made for Python 2.7" in other.stderr) == (1, True)
    (folder / "MADE-FOR").write_text("changed\n")
    changed = run(folder / "install.sh", tmp_path / "app", home=tmp_path)
    assert (changed.returncode, "not as it was made" in changed.stderr) == (1, True)
    assert not (tmp_path / "app").exists()


def test_the_desktop_entry_opens_the_desk_in_a_terminal() -> None:
    entry = dict(
        line.split("=", 1) for line in (PACKAGING / "rlm-desk.desktop").read_text().splitlines() if "=" in line
    )
    assert (entry["Type"], entry["Exec"], entry["Terminal"]) == ("Application", "rlm-desk", "true")
