"""What each process loads: the headless path no Textual, the app process no libllama and no document parser."""

import subprocess
import sys

import pytest

FOREIGN = ("llama_cpp", "pypdf", "pypdfium2", "docx", "openpyxl", "pptx", "lxml", "jinja2", "numpy.ctypeslib", "torch")


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import rlm_desk",
        "import rlm_desk.cli.app",
        "import rlm_desk.cli.commands",
        "import rlm_desk.desk.service, rlm_desk.demo.show, rlm_desk.evals.contracts, rlm_desk.cli.progress",
        "from rlm_desk import Desk",
    ],
)
def test_the_headless_path_never_imports_textual(code: str) -> None:
    loaded = modules_after(code)
    assert "textual" not in loaded
    assert not loaded & set(FOREIGN)


def test_the_screen_loads_no_model_code_and_no_parser() -> None:
    loaded = modules_after("import rlm_desk.tui.app, rlm_desk.desk.service")
    assert "textual" in loaded
    assert not loaded & set(FOREIGN)


def test_the_package_itself_imports_nothing() -> None:
    ours = {name for name in modules_after("import rlm_desk") if name.startswith("rlm_desk")}
    assert ours == {"rlm_desk"}


def test_help_loads_no_pydantic() -> None:
    assert "pydantic" not in modules_after("import rlm_desk.cli.commands")


def test_the_desk_alone_loads_no_other_command() -> None:
    loaded = modules_after("import rlm_desk.cli.app, rlm_desk.cli.screen, rlm_desk.cli.shutting, rlm_desk.tui.app")
    assert "typer" not in loaded
    assert {name for name in loaded if name.startswith("rlm_desk.cli.")} == {
        "rlm_desk.cli.app",
        "rlm_desk.cli.screen",
        "rlm_desk.cli.shutting",
    }


@pytest.mark.parametrize("worker", ["repl", "documents", "engine"])
def test_workers_load_nothing_of_the_house_but_their_room(worker: str) -> None:
    loaded = modules_after(f"import rlm_desk.{worker}.worker")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("rlm_desk.")}
    assert rooms <= {"wire", "confine", "crash", worker}
    assert "pydantic" not in loaded
