"""The macOS profile: its text, and that nothing is believed of it before its self-test has passed."""

import ctypes
import re
import sys
from typing import Any

import pytest

from rlm_desk.confine import lockdown, policies, seatbelt, selftest
from rlm_desk.confine.syscalls import FILTERS


class FakeSystem:
    """Stands in for a Mac's C library: takes profiles, or refuses them with a reason."""

    def __init__(self, refuses: bytes = b"") -> None:
        self.profiles: list[tuple[bytes, int]] = []
        self.freed = 0
        buffer = ctypes.create_string_buffer(refuses)

        def init(profile: bytes, flags: int, _parameters: Any, error: Any) -> int:
            self.profiles.append((profile, flags))
            if refuses:
                error._obj.value = ctypes.addressof(buffer)
            return -1 if refuses else 0

        def free(_error: Any) -> None:
            self.freed += 1

        self.sandbox_init_with_parameters, self.sandbox_free_error = init, free


class FakeLinux:
    """A C library without Seatbelt."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def test_the_compute_profile_opens_nothing_but_the_root_and_the_machine_s_description() -> None:
    assert seatbelt.text("compute") == (
        '(version 1)\n(deny default)\n(allow file-read* (literal "/"))\n'
        '(allow sysctl-read (sysctl-name "hw.pagesize") (sysctl-name "hw.pagesize_compat") (sysctl-name "hw.ncpu")'
        ' (sysctl-name "hw.activecpu") (sysctl-name "hw.memsize") (sysctl-name "kern.osversion"))\n'
        "(allow signal (target self))\n"
    )


def test_the_device_profile_ends_with_what_is_forbidden() -> None:
    lines = seatbelt.text("device").splitlines()
    assert lines[:2] == ["(version 1)", "(allow default)"]
    assert {"(deny network*)", "(deny process-fork)", "(deny process-exec*)", "(deny file-write*)"} <= set(lines)
    assert [line for line in lines[2:] if "(allow" in line] == ['(allow file-write* (literal "/dev/null"))']
    assert lines.index("(deny file-write*)") < lines.index(
        '(allow file-write* (literal "/dev/null"))'
    )  # the last decides


@pytest.mark.parametrize("name", seatbelt.PROFILES)
def test_profiles_are_whole_expressions(name: str) -> None:
    depth = 0
    for mark in re.findall(r'"[^"]*"|[()]', seatbelt.text(name)):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0


def test_every_policy_of_a_worker_has_a_profile() -> None:
    named = {policy.syscalls for policy in policies.POLICIES.values()}
    assert named <= set(seatbelt.PROFILES) and named <= set(FILTERS)


def test_a_refused_profile_is_an_error_with_the_system_s_reason() -> None:
    system = FakeSystem(b"already sandboxed")
    with pytest.raises(OSError, match="already sandboxed"):
        seatbelt.apply("compute", system)
    assert system.freed == 1


def test_a_system_without_the_call_is_an_error() -> None:
    with pytest.raises(OSError, match="no Seatbelt"):
        seatbelt.apply("compute", FakeLinux())


def test_an_accepted_profile_went_in_whole_and_raw() -> None:
    system = FakeSystem()
    seatbelt.apply("device", system)
    assert system.profiles == [(seatbelt.text("device").encode(), 0)]


@pytest.mark.parametrize(
    ("refuses", "through", "state", "reason"),
    [
        (b"no", (), "off", "refused the profile"),
        (b"", ("open",), "off", "unproven"),
        (b"", (), "on", "Seatbelt"),
    ],
    ids=["refused", "up but leaky", "up and tested"],
)
def test_the_boundary_counts_only_after_its_self_test(
    monkeypatch: pytest.MonkeyPatch, refuses: bytes, through: tuple[str, ...], state: str, reason: str
) -> None:
    apply = seatbelt.apply
    monkeypatch.setattr(seatbelt, "apply", lambda name: apply(name, FakeSystem(refuses)))
    monkeypatch.setattr(selftest, "ATTEMPTS", {name: attempt(name in through) for name in policies.SHUT})
    monkeypatch.setattr(lockdown, "_limits", lambda *_: {"name": "limits", "state": "on", "reason": ""})
    monkeypatch.setattr(sys, "platform", "darwin")
    layers = {layer["name"]: layer for layer in lockdown.lock(policies.REPL)}
    assert layers["syscalls"]["state"] == state and reason in layers["syscalls"]["reason"]


def attempt(succeeds: bool) -> Any:
    def run() -> None:
        if not succeeds:
            raise PermissionError("refused")

    return run
