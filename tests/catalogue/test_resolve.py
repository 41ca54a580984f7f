import asyncio
import os
from pathlib import Path

import pytest

from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.catalogue import inspecting, known, resolve
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.inspecting import inspect
from rlm_desk.errors import ModelError


def test_the_catalogue_names_dialect_hash_and_where_to_get_it() -> None:
    entries = {entry.name: entry for entry in known.known()}
    assert entries["desk-tiny"].demonstration
    assert (entries["rlm-qwen3-8b"].dialect, entries["rlm-qwen3-8b"].sha256) == ("rlm-v1", "")
    assert "not known to us" in entries["rlm-qwen3-8b"].describe()
    assert "unverified" in entries["rlm-qwen3-8b"].describe()
    assert all(len(entry.sha256) in (0, 64) for entry in entries.values())
    assert all(entry.repository for name, entry in entries.items() if name != "desk-tiny")
    assert known.find("QWEN3-8B") is entries["qwen3-8b"]


def test_a_path_is_a_model_and_unknown_ones_get_cautious_defaults(nano: Path, tmp_path: Path) -> None:
    spec = resolve.resolve(str(nano), tmp_path)
    assert (spec.name, spec.dialect, spec.profile, spec.demonstration) == ("nano", "desk", "full", False)
    assert spec.window == resolve.DEFAULT_WINDOW


@pytest.mark.parametrize(
    ("name", "says"),
    [("qwen3-4b", "known but not installed"), ("gpt-9", "no model called"), ("/nowhere/x.gguf", "no file")],
)
def test_what_is_not_there_is_said_with_a_next_step(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=says) as problem:
        resolve.resolve(name, tmp_path)
    assert problem.value.next_step


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.gguf"
    wrong.write_text("hello")
    with pytest.raises(ModelError, match="not a GGUF"):
        resolve.resolve(str(wrong), tmp_path)
    (tmp_path / "folder.gguf").mkdir()
    with pytest.raises(ModelError, match="not a file"):
        resolve.resolve(str(tmp_path / "folder.gguf"), tmp_path)


async def test_the_inspection_worker_reads_what_the_host_does_not(nano: Path) -> None:
    facts = await inspect(nano)
    assert (facts.architecture, facts.window, facts.vocabulary, facts.bytes) == (
        "llama",
        2048,
        640,
        nano.stat().st_size,
    )


def test_a_damaged_header_is_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF\x03\x00\x00\x00" + b"\xff" * 200)
    with pytest.raises(ModelError, match=r"broken\.gguf is damaged"):
        asyncio.run(inspect(broken))


@pytest.mark.parametrize("field", ["layers", "kv_layers", "layer_bytes"])
def test_a_file_of_more_layers_than_llama_cpp_loads_is_refused_before_it_is_planned(field: str, tmp_path: Path) -> None:
    def facts(count: int) -> Facts:
        return inspecting._facts([{field: count if field == "layers" else [1] * count}], 1, tmp_path / "many.gguf")

    assert facts(inspecting.MOST_LAYERS)
    with pytest.raises(ModelError, match=r"many\.gguf cannot be loaded: it says that it has 513 layers"):
        facts(inspecting.MOST_LAYERS + 1)


async def test_a_file_that_was_cut_off_is_told_with_both_sizes(nano: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(nano.read_bytes()[:-1000])
    with pytest.raises(ModelError, match=r"cut\.gguf is cut off: it has [\d,]+ bytes and should have [\d,]+"):
        await inspect(cut)


async def test_a_chat_template_is_rendered_in_the_worker(nano: Path, tmp_path: Path) -> None:
    assert (await inspect(nano)).template_note == ""
    for source, says in (
        ("{{ ''.__class__.__mro__ }}", "not usable"),
        ("{% for message in messages %}{{ message.role }}{% endfor %}", "drops"),
        ("{% if messages|length > 2 %}{{ raise_exception('only one turn') }}{% endif %}"
         "{% for message in messages %}{{ message.content }}{% endfor %}", "only one turn"),
    ):  # fmt: skip
        path = tmp_path / "odd.gguf"
        write(path, SHAPES["nano"], "F16", template=source)
        facts = await inspect(path)
        assert says in facts.template_note, source


async def test_a_chat_template_without_end_costs_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "TEMPLATE_SECONDS", 1.0)
    path = tmp_path / "endless.gguf"
    write(
        path,
        SHAPES["nano"],
        "F16",
        template="{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
    )
    assert "does not come to an end" in (await inspect(path)).template_note


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04....", "zip archive"),
        (b"version https://git-lfs", "a pointer"),
        (b"\x7fELF", "not a"),
    ],
)
def test_what_a_file_is_instead_is_said_where_it_shows(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        resolve.check_gguf(path)


def test_a_pipe_does_not_keep_anyone_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.gguf")
    with pytest.raises(ModelError, match="not a file"):
        resolve.check_gguf(tmp_path / "p.gguf")
