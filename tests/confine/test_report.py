"""The report that `doctor` prints."""

from rlm_desk.confine.report import report


async def test_every_kind_is_tried_and_told_layer_by_layer() -> None:
    told = {worker.kind: worker for worker in await report()}
    assert set(told) >= {"repl", "extraction", "inspection", "bundle", "engine", "egress", "connector"}
    for kind in ("repl", "extraction", "inspection", "bundle", "egress"):
        states = {layer.name: layer.state for layer in told[kind].layers}
        assert told[kind].holds and told[kind].summary.startswith("confined")
        assert states["syscalls"] == states["self-test"] == "on"
        assert states["namespaces"] == told["repl"].layers[1].state  # no thread was there before the lock
    engine = {layer.name: layer for layer in told["engine"].layers}
    assert engine["syscalls"].state == "partial" and engine["self-test"].state == "on"
    assert {"socket", "limit parent", "slow parent", "outlive parent", "signal by owner", "terminal input"} <= set(
        engine["self-test"].reason.split(", ")
    )
    egress = {layer.name: layer for layer in told["egress"].layers}
    assert "connect" in egress["self-test"].reason.split(", ")
    connector = {layer.name: layer for layer in told["connector"].layers}
    assert connector["syscalls"].state == connector["self-test"].state == "on"
