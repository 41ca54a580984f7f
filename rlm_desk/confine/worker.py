"""The host's side of a worker: start it, talk to it, end it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from rlm_desk import errors, wire
from rlm_desk.confine.channel import Channel
from rlm_desk.confine.layers import BOUNDARY, Layer, State
from rlm_desk.confine.policies import POLICIES, Policy
from rlm_desk.confine.reported import reported

STDERR_TAIL = 64 * 1024
"""Bytes kept of what a worker says to people."""

# `-m rlm_desk._worker`, but always of the package that this process runs, installed or not: `-I` ignores the current
# folder and PYTHONPATH. The folder leaves sys.path at once, so that nothing beside the package shadows a module.
_ENTRY = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import rlm_desk; del sys.path[0]; "
    "from rlm_desk._worker import main; sys.exit(main(sys.argv))"
)
_ROOT = str(Path(__file__).resolve().parents[2])


class Worker:
    """A confined child process and its channel. Made by `spawn`; used from one event loop."""

    def __init__(self, policy: Policy, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("the process has no pipes")
        self.kind = policy.kind
        self.pid = process.pid
        self.ready: wire.Header = {}
        self.layers: tuple[Layer, ...] = ()
        self._process = process
        # The descriptors are ours from here on: the pipe objects would close them a second time.
        self._channel = Channel(
            os.dup(process.stdout.fileno()),
            os.dup(process.stdin.fileno()),
            policy.max_header,
            policy.max_body,
            dict(policy.max_bodies),
        )
        self._stderr_fd: int | None = os.dup(process.stderr.fileno())
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        self._stderr = bytearray()
        os.set_blocking(self._stderr_fd, False)
        asyncio.get_running_loop().add_reader(self._stderr_fd, self._drain_stderr)

    @classmethod
    async def spawn(
        cls,
        kind: str,
        config: wire.Header | None = None,
        *,
        body: bytes = b"",
        ready_seconds: float = 30.0,
        address_space: int | None = None,
        allow_unconfined: bool = False,
        descriptors: tuple[int, ...] = (),
    ) -> "Worker":
        """Start a worker of `kind`, send its "start" frame and wait until it says that it is ready.

        Call it from a thread that lives as long as the worker should: on Linux the kernel ends the worker when the
        spawning thread ends.

        Args:
            kind: a name in `policies.POLICIES`.
            config: fields of the "start" frame.
            body: body of the "start" frame; nothing from a stranger, since the worker may not be locked yet.
            ready_seconds: how long it may take to get ready (an engine loads its model first).
            address_space: bytes of address space instead of the policy's.
            allow_unconfined: go on where this machine has no boundary layer.
            descriptors: open files it inherits besides its channel, under the same numbers.

        Raises:
            ConfinementError: the boundary layer is missing here and unconfined code was not allowed.
            WorkerDied: it ended, broke the protocol, or was not ready in time.
            DeskError: what the worker itself reported as the reason it cannot start (a ModelError, for instance).
        """
        policy = POLICIES[kind]
        worker = cls(policy, popen(policy, descriptors))
        start: wire.Header = {**(config or {}), "type": "start", "allow_unconfined": allow_unconfined}
        if address_space is not None:
            start["address_space"] = address_space
        try:
            await worker._greet(start, body, ready_seconds, allow_unconfined)
        except BaseException:
            worker.kill()
            await worker.close(grace=0)
            raise
        return worker

    async def send(self, header: wire.Header, body: bytes = b"") -> None:
        """Send one frame. Raises WorkerDied when the worker is gone."""
        try:
            await self._channel.send(header, body)
        except OSError as problem:
            raise await self._died() from problem

    async def receive(self, timeout: float | None = None) -> tuple[wire.Header, bytes]:
        """The next frame.

        Raises:
            WorkerDied: the worker ended, or broke the protocol and was killed for it.
            TimeoutError: no whole frame within `timeout` seconds; the worker is left as it is.
        """
        try:
            return await self._channel.receive(timeout)
        except TimeoutError:
            raise
        except wire.FrameError as problem:
            raise await self.violation(str(problem)) from problem
        except (EOFError, OSError) as problem:
            raise await self._died() from problem

    async def violation(self, what: str) -> errors.WorkerDied:
        """End a worker that said something it must not say; the error to raise for it."""
        self.kill()
        await self._reap(2.0)
        return errors.WorkerDied(self.kind, f"it broke the protocol ({what}) and was ended", self.stderr_tail())

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """Exit status, minus the signal's number, or None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Send SIGINT, which a worker heeds only where it says so (inside a cell)."""
        self._signal(signal.SIGINT)

    def pause(self) -> None:
        """Stop the process until `resume`; only where the kernel ends it with its parent, since it sees no EOF then."""
        if sys.platform == "linux":
            self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        if sys.platform == "linux":
            self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL the worker and every process of its group."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    async def close(self, grace: float = 2.0) -> None:
        """Close the channel, give the worker `grace` seconds to end by itself, then kill it. Safe to call twice."""
        self._channel.close_write()
        if grace:
            self.resume()  # a paused one does not see that its channel is closed
        try:
            await self._reap(grace)
        finally:
            self.kill()
            await asyncio.shield(self._reap(2.0))
            self._channel.close()
            self._close_stderr()

    def stderr_tail(self) -> str:
        """The last lines the worker wrote to standard error: hostile text, to be cleaned before it is shown."""
        self._drain_stderr()
        return self._stderr.decode("utf-8", "replace")

    async def _greet(self, start: wire.Header, body: bytes, seconds: float, allow_unconfined: bool) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.send(start, body)
                header, _ = await self.receive()
        except TimeoutError:
            self.kill()
            raise errors.WorkerDied(self.kind, f"not ready after {seconds:g} s", self.stderr_tail()) from None
        if header["type"] == "failed":
            raise reported(self.kind, header, self.stderr_tail())
        if header["type"] != "ready":
            raise await self.violation(f"{header['type']!r} instead of 'ready'")
        self.ready = header
        try:
            self.layers = tuple(_layers(header.get("layers", ())))
        except (TypeError, KeyError) as problem:
            raise await self.violation("layers that are none") from problem
        boundary = next((layer for layer in self.layers if layer.name == BOUNDARY), None)
        if POLICIES[self.kind].required and not allow_unconfined and (boundary is None or boundary.state == "off"):
            reason = boundary.reason if boundary else "the worker reports no such layer"
            raise errors.ConfinementError(
                f"This machine cannot confine the {self.kind} worker: {reason}.",
                "Use Linux (WSL2 on Windows), or allow unconfined code for one session: start with --allow-unconfined.",
            )

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    async def _reap(self, seconds: float) -> None:
        """Wait for the process's end, at most `seconds`."""
        deadline = time.monotonic() + seconds
        pause = 0.0005
        while self._process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.02)

    async def _died(self) -> errors.WorkerDied:
        """The error for a channel that ended, with the reason its exit status gives."""
        await self._reap(0.5)
        code = self._process.poll()
        if code is None:
            self.kill()
            reason = "it closed its channel"
        elif code < 0:
            reason = f"ended by {_signal_name(-code)}"
        else:
            reason = f"exit status {code}"
        return errors.WorkerDied(self.kind, reason, self.stderr_tail())

    def _drain_stderr(self) -> None:
        if self._stderr_fd is None:
            return
        try:
            chunk = os.read(self._stderr_fd, STDERR_TAIL)
        except BlockingIOError:
            return
        if not chunk:
            self._close_stderr()
            return
        self._stderr += chunk
        del self._stderr[:-STDERR_TAIL]

    def _close_stderr(self) -> None:
        if self._stderr_fd is not None:
            asyncio.get_running_loop().remove_reader(self._stderr_fd)
            os.close(self._stderr_fd)
            self._stderr_fd = None


def popen(policy: Policy, descriptors: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start the process: nothing of ours is inherited but the pipes, `descriptors` and the named variables."""
    environment = {name: os.environ[name] for name in policy.environment if name in os.environ}
    environment |= {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", **dict(policy.settings)}
    flags = ["-I"] if policy.packages else ["-I", "-S"]
    entry = (
        [sys.executable, "_worker"] if getattr(sys, "frozen", False) else [sys.executable, *flags, "-c", _ENTRY, _ROOT]
    )
    return subprocess.Popen(
        [*entry, policy.kind, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        close_fds=True,
        pass_fds=descriptors,
        cwd="/",
        env=environment,
        start_new_session=True,
        umask=0o077,
    )


def _layers(raw: Iterable[Any]) -> Iterable[Layer]:
    for item in raw:
        name, state, reason = str(item["name"]), str(item["state"]), str(item.get("reason", ""))
        if state not in ("on", "partial", "off"):
            raise TypeError(state)
        yield Layer(name, cast(State, state), reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
