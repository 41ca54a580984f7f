"""Where text may be sent: plain http only to this machine, or to the one host that was named."""

import pytest

from rlm_desk.address import parse
from rlm_desk.errors import UsageError


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("https://gpu.example.lan/v1", "https://gpu.example.lan:443", ""),
        (" HTTPS://GPU.example.lan.:8000/team/v1/ ", "https://gpu.example.lan:8000", "/team"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("http://127.9.9.9", "http://127.9.9.9:80", ""),
        ("http://localhost:1/v1", "http://localhost:1", ""),
        ("http://[::1]:8080/v1", "http://[::1]:8080", ""),
        ("https://[2001:db8::7]", "https://[2001:db8::7]:443", ""),
    ],
)
def test_an_address_is_read(url: str, origin: str, path: str) -> None:
    found = parse(url)
    assert (found.origin, found.path) == (origin, path)
    assert found.authority == origin.partition("://")[2]


@pytest.mark.parametrize(
    "host",
    [
        "gpu.example.lan",
        "192.168.1.7",
        "[fe80::1]",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "0.0.0.0",
        "2130706433",
    ],
)
def test_plain_http_beyond_this_machine_is_refused_until_the_host_is_named(host: str) -> None:
    with pytest.raises(UsageError, match="readable for everybody on the way") as refused:
        parse(f"http://{host}:8000/v1")
    assert f'plain_http = "{host.strip("[]")}"' in refused.value.next_step
    with pytest.raises(UsageError):
        parse(f"http://{host}:8000/v1", plain_http="other.example.lan")
    assert not parse(f"http://{host}:8000/v1", plain_http=host.strip("[]").upper() + " ").loopback
    assert parse(f"https://{host}:8000/v1").scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpu.example.lan:8000",
        "ftp://gpu.example.lan",
        "file:///etc/passwd",
        "https://",
        "https://gpu.example.lan:0",
        "https://gpu.example.lan:99999",
        "https://gpu.example.lan:port",
        "https://[::1",
        "https://gpu.example.lan/v1?key=1",
        "https://gpu.example.lan/#v1",
        "https://gpu example.lan",
        "https://gpu.example.lan/\r\nx: y",
        "https://gpü.example.lan",
    ],
)
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(UsageError, match="The server's address") as refused:
        parse(url)
    assert refused.value.next_step


def test_a_key_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="holds a password") as refused:
        parse("https://user:secret@gpu.example.lan")
    assert "secret" not in refused.value.sentence + refused.value.next_step


def test_the_notice_says_whether_text_leaves_this_machine() -> None:
    assert parse("http://localhost:1").notice == "Text goes to another program on this machine: http://localhost:1."
    far = parse("https://gpu.example.lan")
    assert far.notice == "Text leaves this machine: it is sent to https://gpu.example.lan:443."
