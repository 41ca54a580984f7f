from rlm_desk.engine.routing import BLOCK, Router


def text(seed: str, blocks: int) -> bytes:
    return (seed * BLOCK * blocks)[: BLOCK * blocks].encode()


def test_calls_spread_over_the_workers_and_come_back_to_where_they_were_read() -> None:
    router = Router(2)
    loads = [0, 0]
    first = []
    for n in range(8):
        chosen = router.choose(text("p", 2) + text(f"{n}", 6), loads)
        loads[chosen] += 1
        first.append(chosen)
    assert abs(loads[0] - loads[1]) <= 2
    loads, again = [0, 0], []
    for n in range(8):
        chosen = router.choose(text("p", 2) + text(f"{n}", 6) + b"another question", loads)
        loads[chosen] += 1
        again.append(chosen)
    assert again == first


def test_a_worker_with_much_more_to_do_is_passed_over() -> None:
    router = Router(2)
    home = router.choose(text("a", 4), [0, 0])
    loads = [0, 0]
    loads[home] = 5
    assert router.choose(text("a", 4), loads) == 1 - home


def test_one_worker_needs_no_choice() -> None:
    assert Router(1).choose(b"", [7]) == 0


def test_memory_of_texts_is_bounded() -> None:
    router = Router(2)
    for n in range(300):
        router.choose(b"%d" % n + bytes(BLOCK * 500), [0, 0])
    assert len(router._seen) <= 100_000
