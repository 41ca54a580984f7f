"""Certificates are always checked: an authority of one's own is believed, nobody else and no other name is."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rlm_desk.address import parse
from rlm_desk.completion import Message, Request
from rlm_desk.engine.remote.engine import RemoteEngine
from rlm_desk.errors import EngineError
from rlm_desk.plan import ServerPlan
from tests.engine.remote.conftest import Start
from tests.engine.remote.fake import FakeServer

HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("elsewhere.example")
TODAY = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """Signs certificates."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._begun(self._name, self._key.public_key(), TODAY + DAY)
        self._certificate = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), True).sign(
            self._key, hashes.SHA256()
        )

    @property
    def pem(self) -> str:
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, folder: Path, of: x509.GeneralName, until: datetime.datetime = TODAY + DAY) -> ssl.SSLContext:
        """What a server of that name uses."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server")])
        made = self._begun(name, key.public_key(), until).add_extension(x509.SubjectAlternativeName([of]), False)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = folder / "server.pem"
        file.write_bytes(secret + made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _begun(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(TODAY - 9 * DAY)
            .not_valid_after(until)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        )


@pytest.fixture(scope="module")
def ours() -> Authority:
    return Authority("our own authority")


async def test_an_authority_of_ones_own_is_believed(start: Start, ours: Authority, tmp_path: Path) -> None:
    server = FakeServer()
    engine = await start(server, ours.server(tmp_path, HERE), authorities=ours.pem)
    pieces: list[str] = []
    done = await engine.complete(Request((Message("user", "Is all well?"),), max_tokens=16), pieces.append)
    assert (done.text, pieces) == ("all well", ["all ", "well"])
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("of", "until", "believed", "says"),
    [
        (ELSEWHERE, TODAY + DAY, True, "IP address mismatch"),
        (HERE, TODAY - DAY, True, "certificate has expired"),
        (HERE, TODAY + DAY, False, "unable to get local issuer certificate"),
    ],
    ids=["another name", "expired", "the system does not know who signed it"],
)
async def test_a_certificate_that_does_not_hold_is_refused_and_nothing_is_sent(
    start: Start,
    ours: Authority,
    tmp_path: Path,
    of: x509.GeneralName,
    until: datetime.datetime,
    believed: bool,
    says: str,
) -> None:
    server = FakeServer()
    with pytest.raises(EngineError, match=f"The certificate of https://127.0.0.1:.* is not accepted: .*{says}") as told:
        await start(server, ours.server(tmp_path, of, until), authorities=ours.pem if believed else "")
    assert "engine.ca_file" in told.value.next_step
    assert server.headers == []


async def test_another_authority_of_that_name_is_not_believed(start: Start, ours: Authority, tmp_path: Path) -> None:
    impostor = Authority("our own authority")
    server = FakeServer()
    with pytest.raises(EngineError, match="is not accepted"):
        await start(server, impostor.server(tmp_path, HERE), authorities=ours.pem)
    assert server.headers == []


async def test_a_server_without_tls_is_said(ours: Authority) -> None:
    came: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(EngineError, match="does not speak TLS as we do"):
            await RemoteEngine.start(ServerPlan(parse(f"https://127.0.0.1:{port}"), pause=0.01, authorities=ours.pem))
    assert came and not any(b"HTTP" in one for one in came)  # a greeting, and no request
