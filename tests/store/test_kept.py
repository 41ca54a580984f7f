"""What a model kept of a text goes with the text."""

from pathlib import Path

from rlm_desk import kept
from rlm_desk.store import Store


async def test_every_purge_erases_what_models_kept(tmp_path: Path) -> None:
    file = kept.folder(tmp_path) / "model" / "entry.kv"
    store = await Store.open(tmp_path)
    try:
        for purge in (store.purge_all(), store.purge_document("d1")):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"keys and values")
            before = kept.epoch(kept.folder(tmp_path))
            await purge
            assert not file.exists()
            assert kept.epoch(kept.folder(tmp_path)) != before
    finally:
        await store.close()


async def test_a_purge_makes_no_folder_where_nothing_was_kept(tmp_path: Path) -> None:
    kept.erase(tmp_path)
    assert not kept.folder(tmp_path).exists()
