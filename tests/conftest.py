"""For all tests: property tests draw the same examples every time and are not timed, since machines are noisy."""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores (`-n auto`): a third of the time tests wait for something."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not in what was collected, which stays to the end: it took a fifth of all time.

    Both are of this process alone: the programs and workers that tests start decide for themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
