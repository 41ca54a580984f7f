"""Clocks, the scheduler and shared parts of the machine."""

import ctypes
import mmap
import os
import time

from tests.escapes.attacks.attack import World, attack, buffer


@attack("time")
def timer_that_outlives_the_cell(w: World) -> object:
    return w.syscall(222 if os.uname().machine == "x86_64" else 107, 0, 0, buffer(bytes(8))) == 0


@attack("time")
def another_priority(w: World) -> object:
    return os.nice(1) >= 1


@attack("time")
def another_scheduler(w: World) -> object:
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return True


@attack("time")
def clock_of_another(w: World) -> object:
    return time.clock_gettime_ns(~w.victim << 3 | 2) >= 0  # how much it has computed


@attack("time")
def processors_of_another(w: World) -> object:
    return os.sched_getaffinity(w.victim)


@attack("time")
def one_processor_only(w: World) -> object:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return True


@attack("time", "membarrier")
def interrupt_every_processor(w: World) -> object:
    return w.syscall(324 if os.uname().machine == "x86_64" else 283, 0, 0, 0) >= 0


@attack("memory")
def memory_that_is_never_swapped(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    number = 149 if os.uname().machine == "x86_64" else 228
    return w.syscall(number, ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096) == 0


@attack("memory")
def what_others_have_in_memory(w: World) -> object:
    area = mmap.mmap(-1, 4096)
    number = 27 if os.uname().machine == "x86_64" else 232
    return w.syscall(number, ctypes.addressof(ctypes.c_char.from_buffer(area)), 4096, buffer(bytes(8))) == 0
