"""A trained model's logits after a beginning that was reused, beside those computed afresh.

What differs, measured on desk-tiny (logits up to 12, one thread, x86-64), each cause by itself:

- Positions, rope, where steps of 64 tokens and more are cut: nothing, to the bit.
- A beginning whose cells lie in order, as in the next turn of a conversation: nothing, to the bit.
- A beginning computed for a sibling, whose own tail lies in the cells between it and what follows: nothing where fewer
  than 64 tokens follow. Where more do, attention adds up the same numbers in other groups. With weights in 32 bits that
  is at most 4e-5. desk-tiny has them in 16, and llama.cpp rounds what it multiplies with them to 16 bits too: the last
  bit of a sum falls on the other side now and then, and that grows to 5e-4 to 5e-3, with flash attention or without.
- Steps of fewer than 64 tokens beside larger ones: flash attention on a CPU goes row by row in those and adds values
  up in 16 bits: 1e-3 to 9e-2, between two fresh computations as well. So both are fed in the same parts here. Keys and
  values in 32 bits change no digit of it: llama.cpp rounds them to 16 before flash attention. Without flash attention
  it is nothing, to the bit.

So a small model is computed without flash attention, and a finished sub-call's tail leaves the cache at once: the next
one's lies right behind the beginning they share, and nothing differs, to the bit, in whatever parts they were fed. Nor
is a prompt's last row ever computed alone (`rlm_desk.engine.rows`): llama.cpp's kernel for one row rounds differently,
up to 3e-3, between two fresh computations as well. One cause is left, another sequence in between (a root's, a sub-call
at the same time), the third one above; the limit is tested there on a copy of the file in 32 bits. Keys and values in
32 bits change nothing of it either (5e-4 to 3e-3), and take 1.4 times the processor's time.
"""

from pathlib import Path

import gguf
import numpy as np
import pytest

from rlm_desk.engine.core import Core
from tests.engine.making import Make, assert_same_logits, logits_of, words

SHIPPED = Path(__file__).parents[2] / "models" / "desk-tiny" / "desk-tiny.gguf"
AS_LOADED = {
    "flash_attention": False,
    "micro_batch": 128,
    "host_bytes": 1 << 28,
    "keeping": {"idle_cells": 0, "head_cells": 1024, "crowd": 512},
}


@pytest.fixture(scope="session")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """desk-tiny with its weights in 32 bits."""
    path = tmp_path_factory.mktemp("models") / "desk-tiny-f32.gguf"
    source = gguf.GGUFReader(SHIPPED)
    writer = gguf.GGUFWriter(path, "llama")
    for name, field in source.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            array = field.types[1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), field.types[0], array)
    for tensor in source.tensors:
        writer.add_tensor(tensor.name, np.array(tensor.data, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("tail", [10, 40])
def test_a_siblings_beginning_gives_a_short_question_the_logits_of_a_fresh_one(make: Make, tail: int) -> None:
    assert_sharing_changes_nothing(make(SHIPPED), make(SHIPPED), tail)


def test_a_siblings_beginning_gives_a_long_chunk_the_logits_of_a_fresh_one(exact: Path, make: Make) -> None:
    assert_sharing_changes_nothing(make(exact), make(exact), 150)


@pytest.mark.parametrize("tail", [10, 150, 400])
def test_as_a_small_model_is_loaded_siblings_one_after_the_other_have_the_logits_of_fresh_ones(
    make: Make, tail: int
) -> None:
    used, fresh = make(SHIPPED, **AS_LOADED), make(SHIPPED, **AS_LOADED)
    beginning = words(1, 120)
    for other, length in ((2, 150), (3, 90)):
        logits_of(used, f"{beginning} {words(other, length)}")
    prompt = f"{beginning} {words(4, tail)}"
    reused, cached = logits_of(used, prompt)
    computed, nothing = logits_of(fresh, prompt)  # in other parts, too
    assert cached > 60
    assert nothing == 0
    assert np.abs(reused - computed).max() < 1e-3


@pytest.mark.parametrize("size", [129, 257])
def test_a_prompt_with_one_row_behind_its_last_whole_micro_batch_has_the_logits_of_any_other_cut(
    make: Make, size: int
) -> None:
    whole, parts = make(SHIPPED, **AS_LOADED), make(SHIPPED, **AS_LOADED)
    for prompt in prompts_of(whole, size, 3):
        expected, _ = logits_of(parts, prompt, first=size - 64)
        computed, _ = logits_of(whole, prompt)
        assert np.abs(computed - expected).max() < 1e-3


def prompts_of(core: Core, size: int, wanted: int) -> list[str]:
    """Texts whose prompts have exactly `size` tokens; none begins like another."""
    found = []
    for seed in range(5, 100):
        for count in range(size * 3 // 5, size):
            text = words(seed, count)
            tokens = core.count([("user", text)])
            if tokens == size:
                found.append(text)
            if tokens >= size:
                break
        if len(found) == wanted:
            return found
    raise AssertionError(f"no {wanted} texts of {size} tokens")


def test_a_question_asked_again_has_the_logits_of_the_first_time(make: Make) -> None:
    core = make(SHIPPED, **AS_LOADED)
    prompt = words(1, 120)
    first, nothing = logits_of(core, prompt)
    again, cached = logits_of(core, prompt)
    assert nothing == 0
    assert cached > 100
    assert np.abs(again - first).max() < 1e-3


def assert_sharing_changes_nothing(used: Core, fresh: Core, tail: int) -> None:
    """`tail`: words after a beginning that `used` has computed for another prompt."""
    beginning = words(1, 120)
    logits_of(used, f"{beginning} {words(2, 150)}")
    assert_same_logits(used, fresh, f"{beginning} {words(3, tail)}")


def test_the_next_turn_of_a_conversation_gives_the_logits_of_a_fresh_one(make: Make) -> None:
    talk = [("user", words(1, 120))]
    used, fresh = make(SHIPPED), make(SHIPPED)
    logits_of(used, talk)
    assert_same_logits(used, fresh, [*talk, ("assistant", "thirty days"), ("user", words(2, 30))])
