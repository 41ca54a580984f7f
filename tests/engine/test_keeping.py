"""Keys and values on disk: a later session finds what was read, a purge leaves nothing, damage costs only time."""

from pathlib import Path

import numpy as np
import pytest

from rlm_desk import kept
from rlm_desk.completion import Message, Request
from rlm_desk.engine.diskcache import DiskCache
from rlm_desk.engine.keeping import Keeper
from rlm_desk.engine.local import LocalEngine
from rlm_desk.plan import LoadPlan

TEXT = "The supplier delivers the goods within thirty days of the order. " * 8
NAME = "0" * 32


def plan(path: Path) -> LoadPlan:
    return LoadPlan(str(path), 2048, 2, 4096, batch=512, threads=1)


def keeper(folder: Path, limit: int = 1 << 30) -> Keeper:
    return Keeper(kept.folder(folder), "nano", limit)


async def session(nano: Path, folder: Path) -> tuple[str, int]:
    """One question in a session of its own: the reply, and how many prompt tokens were not computed."""
    engine = await LocalEngine.start(plan(nano), keeper=keeper(folder))
    try:
        reply = await engine.complete(Request((Message("user", f"{TEXT}When?"),), max_tokens=8))
        return reply.text, reply.usage.cached
    finally:
        await engine.close()


async def test_a_new_session_finds_what_an_earlier_one_read_until_it_is_erased(nano: Path, tmp_path: Path) -> None:
    first, nothing = await session(nano, tmp_path)
    files = list(kept.folder(tmp_path).glob("*/*"))
    assert files
    assert {path.suffix for path in files} == {".kv"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    again, cached = await session(nano, tmp_path)
    assert nothing == 0
    assert cached > 100
    assert again == first
    kept.erase(tmp_path)
    assert not list(kept.folder(tmp_path).glob("*/*"))
    assert await session(nano, tmp_path) == (first, 0)


async def test_a_damaged_file_is_passed_over(nano: Path, tmp_path: Path) -> None:
    first, _ = await session(nano, tmp_path)
    for path in kept.folder(tmp_path).glob("*/*.kv"):
        raw = bytearray(path.read_bytes())
        raw[-100] ^= 1
        path.write_bytes(raw)
    assert await session(nano, tmp_path) == (first, 0)


async def send(to: Keeper, name: str, parts: list[bytes]) -> None:
    for number, body in enumerate(parts):
        header = {"type": "keep", "name": name, "part": number, "last": number == len(parts) - 1}
        await to.take(plan(Path("m.gguf")), 7, header, body)


async def test_what_was_begun_before_an_erasure_is_not_written_after_it(tmp_path: Path) -> None:
    running = keeper(tmp_path)
    await send(running, NAME, [b"one", b"two"])
    (path,) = kept.folder(tmp_path).glob("*/*")
    assert path.read_bytes() == b"onetwo"
    kept.erase(tmp_path)
    await send(running, NAME, [b"one", b"two"])
    assert not list(kept.folder(tmp_path).glob("*/*"))
    await send(keeper(tmp_path), NAME, [b"later"])
    assert len(list(kept.folder(tmp_path).glob("*/*"))) == 1


async def test_the_limit_holds_and_the_oldest_go_first(tmp_path: Path) -> None:
    to = keeper(tmp_path, limit=250)
    for number in range(4):
        await send(to, f"{number:032x}", [bytes(100)])
    names = sorted(path.stem for path in kept.folder(tmp_path).glob("*/*"))
    assert names == [f"{number:032x}" for number in (2, 3)]
    await send(to, NAME, [bytes(200), bytes(100)])  # larger than all of it
    assert sorted(path.stem for path in kept.folder(tmp_path).glob("*/*")) == names


@pytest.mark.parametrize("name", ["../../../etc/passwd", "", "0" * 31, "0" * 31 + "/"])
async def test_a_worker_cannot_name_another_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="an entry"):
        await send(keeper(tmp_path), name, [b"x"])


def test_models_and_kv_types_do_not_meet(tmp_path: Path) -> None:
    one, other = keeper(tmp_path), Keeper(kept.folder(tmp_path), "another", 1)
    small = LoadPlan("m", 1024, 1, 1024)
    quantised = LoadPlan("m", 1024, 1, 1024, kv_type="q8_0")
    assert len({one.folder(small), one.folder(quantised), other.folder(small)}) == 3


def test_a_large_entry_goes_in_parts_and_once(tmp_path: Path) -> None:
    sent: list[tuple[int, bool, int]] = []
    cache = DiskCache(tmp_path, lambda header, body: sent.append((header["part"], header["last"], len(body))))
    tokens = np.arange(200, dtype=np.int32)
    for _ in range(2):
        cache.put(tokens, 0, bytes(40 * 1024 * 1024))
    assert [part for part, _, _ in sent] == [0, 1, 2, 3]
    assert [last for _, last, _ in sent] == [False, False, False, True]
    assert sum(size for _, _, size in sent[1:]) == 40 * 1024 * 1024
