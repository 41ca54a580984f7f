"""What a cell can import: loaded before the lock, since nothing can be loaded after it. Worker side.

A module belongs here when it works on text, numbers and data in memory. What needs files, the network, processes or
threads would only fail later and less clearly.
"""

import builtins
import importlib
import importlib.machinery
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from types import ModuleType
from typing import Any

MODULES = """
abc array ast base64 binascii bisect calendar cmath codecs collections collections.abc concurrent.futures configparser
contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib enum fnmatch fractions functools gc
graphlib hashlib heapq hmac html html.entities html.parser inspect io ipaddress itertools json json.decoder
json.encoder keyword linecache locale logging marshal math numbers operator os os.path pathlib pickle pprint queue
random re reprlib secrets shlex statistics string stringprep struct sys textwrap threading time timeit tokenize
traceback types typing unicodedata urllib.parse uuid warnings weakref xml.etree.ElementTree xml.sax.saxutils zlib
_strptime encodings.ascii encodings.cp1252 encodings.idna encodings.latin_1 encodings.utf_16 encodings.utf_8
encodings.utf_8_sig encodings.unicode_escape encodings.raw_unicode_escape
""".split()


def preload() -> None:
    """Import every module, warm what reads a file when it is first used, and put stand-ins where threads were."""
    # saxutils (escape, unescape) imports the whole of urllib's HTTP, TLS and mail for one function that opens an
    # address: a tenth of a worker's start, for what could only fail here.
    sys.modules["urllib.request"] = ModuleType("urllib.request")
    for name in MODULES:
        importlib.import_module(name)
    del sys.modules["urllib.request"]
    time.tzset()
    time.localtime()
    importlib.import_module("datetime").datetime.strptime("2000-01-01", "%Y-%m-%d")
    importlib.import_module("hashlib").sha256(b"").hexdigest()
    importlib.import_module("random").seed()
    _serial_executors()


def close_imports() -> None:
    """After the lock: no search of folders any more, and a sentence instead of its failure."""
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not importlib.machinery.PathFinder]
    sys.meta_path.append(_Absent)


class _Absent:  # importlib.abc, whose MetaPathFinder this is, costs 10 ms of a worker's start
    """The last finder: says what there is instead."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        raise ModuleNotFoundError(
            f"no module {name!r} here: cells have Python's standard modules for text, numbers and data, "
            "and no files, network, processes or packages",
            name=name,
        )


class SerialExecutor(futures.Executor):
    """Stands in for ThreadPoolExecutor: runs each job when it is submitted. For concurrency use llm_query_batched."""

    def __init__(self, max_workers: int | None = None, *_: Any, **__: Any) -> None:
        self._max_workers = max_workers or 1

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "futures.Future[Any]":
        """Run it now; the future is already done."""
        future: futures.Future[Any] = futures.Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as problem:  # belongs to whoever asks the future
            future.set_exception(problem)
        return future

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **_: Any) -> Iterator[Any]:
        """Results in order."""
        return iter([fn(*args) for args in builtins.zip(*iterables, strict=False)])


def _serial_executors() -> None:
    for name in ("concurrent.futures", "concurrent.futures.thread"):
        vars(importlib.import_module(name))["ThreadPoolExecutor"] = SerialExecutor
    vars(futures)["ProcessPoolExecutor"] = SerialExecutor

    def start(self: Any) -> None:
        raise RuntimeError("there are no threads here; llm_query_batched and map ask many questions at once")

    vars(importlib.import_module("threading"))["Thread"].start = start
