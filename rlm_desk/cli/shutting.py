"""Shutting this process off from any network, before a document or a question is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rlm_desk.config import Settings


def shut_off(chosen: Settings, *, own: bool = True) -> None:
    """Shut this process off from any network; where a model server is configured, start the way to it before.

    Args:
        chosen: settings; they say whether there is a server.
        own: nobody else's code runs in this process. Otherwise the server's address is looked at, and no more.

    Raises:
        UsageError: the server's address makes no sense, or may not be spoken to.
        EngineError: its name is not known here.
    """
    from rlm_desk.confine.host import network, shut_network

    server = None
    if chosen.engine.url.strip():  # few have one: the others' first frame does not wait for what speaks to it
        from rlm_desk.desk.modelserver import configured

        server = configured(chosen)
    if not own:
        return
    if server is not None and network().state == "off":
        from rlm_desk.confine import egress

        egress.prepare(server)
    shut_network(server.origin if server else "")
