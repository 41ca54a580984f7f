"""How a model is computed on a CPU follows from its shape."""

from dataclasses import replace

from rlm_desk.bench.random_gguf import SHAPES, Shape
from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.placing import GIB, MIB
from rlm_desk.catalogue.processor import CROWD, PLAIN_BATCH, on_processor, weights_in_cells
from rlm_desk.plan import LoadPlan

WISHED = LoadPlan("model.gguf", 8192, 8, 32768)


def facts(shape: Shape) -> Facts:
    return Facts(
        GIB,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        key_length=shape.head_size,
        value_length=shape.head_size,
        width=shape.width,
        feed_forward=shape.feed_forward,
    )


def planned(name: str, wished: LoadPlan = WISHED) -> LoadPlan:
    return on_processor(wished, facts(SHAPES[name]), 400 * MIB)


def test_weights_are_weighed_against_the_cells_a_row_looks_at() -> None:
    assert [weights_in_cells(facts(SHAPES[name])) for name in ("tiny", "0.6b", "4b", "8b")] == [
        1568,
        3840,
        12320,
        23552,
    ]
    assert weights_in_cells(Facts(GIB)) == 0


def test_quick_weights_go_without_flash_attention_and_one_long_call_after_the_other() -> None:
    found = planned("0.6b")
    assert (found.flash_attention, found.micro_batch, found.workers) == (False, PLAIN_BATCH, 1)
    assert CROWD < found.crowd < 3000  # a call over 3,000 tokens is alone; several short ones are together
    assert found.cells < WISHED.cells  # nobody else needs a window


def test_slow_weights_are_read_for_several_at_once() -> None:
    assert planned("4b") == planned("8b") == WISHED


def test_on_a_gpu_or_with_quantised_keys_it_stays_as_it_is() -> None:
    for wished in (replace(WISHED, gpu_layers=-1), replace(WISHED, kv_type="q8_0")):
        assert planned("0.6b", wished) == wished


def test_a_model_with_recurrent_memory_stays_as_it_is() -> None:
    assert on_processor(WISHED, replace(facts(SHAPES["0.6b"]), recurrent=True), 400 * MIB) == WISHED


def test_a_file_that_says_nothing_is_left_as_it_is() -> None:
    assert on_processor(WISHED, Facts(GIB), GIB) == WISHED
