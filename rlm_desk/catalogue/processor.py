"""How a model is computed on a CPU: with flash attention or without, and how many sequences together. Pure.

There flash attention takes longer for every cell it looks at, but skips those of other sequences; without it every row
of a step looks at all cells in use. So a model whose weights are quickly read in comparison with a sequence's cells is
computed without, and its sequences go one after the other; a large one with, and together.
"""

from dataclasses import replace

from rlm_desk.catalogue.facts import Facts
from rlm_desk.catalogue.placing import MIB
from rlm_desk.catalogue.stepping import EXPECTED, recount
from rlm_desk.plan import LoadPlan

MICRO_BATCH = 512
SMALL_MODEL = 64 * MIB
"""Bytes of a file up to which several workers of one thread each are faster than one of several threads."""
MOST_WORKERS = 8
SMALL_WINDOW = 4096
PLAIN_BATCH = 128
CROWD = 512
"""How such a model is computed, where attention and not the weights takes the time: up to SMALL_WINDOW without
flash attention, in steps of PLAIN_BATCH rows, and sequences together only while they hold CROWD cells. Measured at
desk-tiny's size, processor time beside flash attention and four sequences whatever their length: 0.69 for prompts of
1,500 tokens, 0.85 for 1,000, 1.14 for 250, 0.80 for 50. And a beginning that is shared changes no bit of the rest, but
for one cause that tests/engine/test_shared_logits.py names. Keys and values in 32 bits take 1.4 times the time."""
MOST_WORTH = 6000
"""`weights_in_cells` up to which a larger model is computed so too. At 0.6B (3,840), behind 3,072 tokens, without flash
attention a processor second reads 48 tokens of a prompt, and with it 38; a token written takes 0.09 s, and 0.18."""
CROWD_SHARE = 0.3
"""Of `weights_in_cells`, what sequences that are computed together may hold: as for desk-tiny (1,568)."""


def on_processor(first: LoadPlan, facts: Facts, size: int) -> LoadPlan:
    """The plan, as a model whose file takes `size` bytes is best computed without a GPU."""
    if size <= SMALL_MODEL:
        return _small(first)
    worth = weights_in_cells(facts)
    if first.gpu_layers or first.kv_type != "f16" or facts.recurrent or not 0 < worth <= MOST_WORTH:
        return first
    plain = replace(first, flash_attention=False, micro_batch=PLAIN_BATCH, crowd=max(CROWD, int(CROWD_SHARE * worth)))
    return replace(plain, cells=recount(plain, EXPECTED))


def weights_in_cells(facts: Facts) -> int:
    """How many cells a row looks at with as many multiplications as the weights of all layers take; 0 where the file
    does not say enough. Experts are counted as one."""
    looking = facts.heads * (facts.key_length + facts.value_length)
    if not looking:
        return 0
    around = facts.width * (
        2 * facts.heads * facts.value_length + facts.kv_heads * (facts.key_length + facts.value_length)
    )
    return (around + 3 * facts.width * facts.feed_forward) // looking


def _small(first: LoadPlan) -> LoadPlan:
    """The same for a model so small that threads would wait for one another."""
    workers = max(1, min(first.threads, first.slots, MOST_WORKERS))
    if workers == 1 and first.gpu_layers:
        return first
    plain = first.window <= SMALL_WINDOW and first.kv_type == "f16"
    small = replace(first, workers=workers, gpu_layers=0, crowd=CROWD, flash_attention=not plain)
    return replace(small, cells=recount(small, EXPECTED), micro_batch=PLAIN_BATCH if plain else MICRO_BATCH)
