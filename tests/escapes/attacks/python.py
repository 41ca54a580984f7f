"""Through Python itself: no module of the attacker's, only what objects lead to."""

import ctypes
import gc
import sys

from tests.escapes.attacks.attack import World, attack


@attack("objects")
def through_subclasses(w: World) -> object:
    (wrapper,) = [one for one in object.__subclasses__() if one.__name__ == "_wrap_close"]
    return wrapper.__init__.__globals__["system"]("true") == 0


@attack("objects")
def through_frames(w: World) -> object:
    frame = sys._getframe()
    while frame.f_back is not None and "os" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["os"].listdir(str(w.folder))


@attack("objects")
def through_the_garbage_collector(w: World) -> object:
    (found,) = [one for one in gc.get_objects() if isinstance(one, dict) and one.get("__name__") == "posix"][:1]
    return found["open"](str(w.secret), 0)


@attack("objects")
def a_library_of_machine_code(w: World) -> object:
    return ctypes.CDLL("libanl.so.1")


@attack("objects")
def an_extension_from_disk(w: World) -> object:
    import _xxsubinterpreters  # type: ignore[import-not-found]

    return _xxsubinterpreters
