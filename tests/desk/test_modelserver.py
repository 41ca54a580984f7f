"""The key and the certificates of a model server: whose files are taken, and what is said of those that are not."""

from pathlib import Path

import pytest

from rlm_desk.config import Settings
from rlm_desk.desk import modelserver
from rlm_desk.errors import UsageError
from rlm_desk.plan import ServerPlan
from rlm_desk.serversettings import ServerSettings

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(modelserver.KEY_VARIABLE, raising=False)


def plan(tmp_path: Path, **more: str) -> ServerPlan:
    server = ServerSettings(url="https://gpu.example.lan:8000/v1", **more)  # type: ignore[arg-type]
    return modelserver.plan(Settings(data_dir=tmp_path, engine=server))


def key(tmp_path: Path, mode: int, text: bytes = b"sk-team-7\n") -> Path:
    file = tmp_path / "key"
    file.write_bytes(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_in_a_file_of_ones_own_is_taken_and_never_printed(tmp_path: Path, mode: int) -> None:
    made = plan(tmp_path, key_file=str(key(tmp_path, mode)))
    assert made.key == "sk-team-7"
    assert "sk-team-7" not in repr(made)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_can_reach_is_refused_and_not_repeated(tmp_path: Path, mode: int) -> None:
    file = key(tmp_path, mode)
    with pytest.raises(UsageError, match="can be read by others") as refused:
        plan(tmp_path, key_file=str(file))
    assert refused.value.next_step == f"Make it yours alone: chmod 600 {file}"
    assert "sk-team-7" not in refused.value.sentence


def test_a_key_file_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        plan(tmp_path, key_file=str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        plan(tmp_path, key_file=str(tmp_path))


@pytest.mark.parametrize("text", [b"two words", b"a\nb", "schlüssel".encode(), b"\xff\xfe", b"a\x00b"])
def test_what_no_key_can_be_is_said_without_it(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UsageError, match="characters that no key has") as refused:
        plan(tmp_path, key_file=str(key(tmp_path, 0o600, text)))
    assert text.decode("utf-8", "replace") not in refused.value.sentence + refused.value.next_step


def test_the_environment_weighs_more_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(modelserver.KEY_VARIABLE, " from-the-environment ")
    assert plan(tmp_path, key_file=str(key(tmp_path, 0o644))).key == "from-the-environment"


def test_certificates_are_read_and_what_holds_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(CERTIFICATE)
    made = plan(tmp_path, ca_file=str(file))
    assert made.authorities == CERTIFICATE
    assert "MIIB" not in repr(made)
    file.write_bytes(b"\x30\x82\x01\x0a")
    with pytest.raises(UsageError, match="holds no certificate in PEM"):
        plan(tmp_path, ca_file=str(file))
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        plan(tmp_path, ca_file=str(tmp_path / "nowhere"))


def test_while_no_server_is_configured_text_goes_nowhere(tmp_path: Path) -> None:
    assert modelserver.configured(Settings(data_dir=tmp_path)) is None
    assert modelserver.configured(Settings(data_dir=tmp_path, engine=ServerSettings(url="  "))) is None
