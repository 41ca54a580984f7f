"""A worker that answers what it is asked and does nothing else: for tests of the channel and for `doctor`."""

from rlm_desk.confine import lockdown, policies
from rlm_desk.wire import Pipe


def main(pipe: Pipe) -> None:
    """Lock, say ready, then send every frame back."""
    start, _ = pipe.receive()
    policy = policies.POLICIES[start.get("policy", "probe")]
    layers = lockdown.lock(policy, start.get("address_space"))
    pipe.send({"type": "ready", "layers": layers})
    while True:
        header, body = pipe.receive()
        pipe.send(header, body)
