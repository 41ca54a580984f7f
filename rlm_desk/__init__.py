"""rlm-desk: answers questions over documents longer than a model's window, by recursion, offline.

Importing this package costs nothing: workers start through it. The Python API is loaded on first use::

    from rlm_desk import Desk
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlm_desk.desk.facade import Desk as Desk

__all__ = ["Desk"]


def __getattr__(name: str) -> Any:
    if name == "Desk":
        from rlm_desk.desk.facade import Desk

        return Desk
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
