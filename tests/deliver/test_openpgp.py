"""A file is readable by its recipient alone, signed by the force, and by no key that is not pinned and valid."""

import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.delivery.openpgp import Keyring, KeyringError, NotDecrypted, PublicKey, encrypted_for, normal

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
NOW = datetime(2022, 11, 22, tzinfo=UTC)


@pytest.fixture
def keyrings(tmp_path: Path) -> Iterator[tuple[Keyring, Keyring]]:
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    yield ours, theirs
    ours.rest()
    theirs.rest()


@pytest.fixture
def pinned(keyrings: tuple[Keyring, Keyring]) -> str:
    ours, theirs = keyrings
    theirs.take(ours.export(ours.generate("Force")))
    return ours.take(theirs.export(theirs.generate("Partner")))


def key(**changes: object) -> PublicKey:
    given = {"fingerprint": "A" * 40, "encrypting_ids": frozenset({"B" * 16}), "expires": None, "validity": "-"}
    return PublicKey(**{**given, **changes})  # type: ignore[arg-type]


def test_what_is_encrypted_the_recipient_opens_and_sees_who_signed(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path
) -> None:
    ours, theirs = keyrings
    plain = tmp_path / "plain"
    plain.write_bytes(b"record " * 10_000)
    ours.encrypt_all([(plain, tmp_path / "sealed")], pinned)
    assert theirs.decrypt(tmp_path / "sealed", tmp_path / "opened", 1_000_000) == ours.signing_key()
    assert (tmp_path / "opened").read_bytes() == plain.read_bytes()
    assert (tmp_path / "sealed").stat().st_size > 70_000, "nothing is compressed"
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_the_packets_name_the_recipients_key_and_no_other(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path
) -> None:
    ours, _ = keyrings
    (tmp_path / "plain").write_bytes(b"record")
    ours.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], pinned)
    readers = encrypted_for((tmp_path / "sealed").read_bytes())
    assert len(readers) == 1
    assert set(readers) == ours.public_key(pinned).encrypting_ids


@pytest.mark.parametrize("fingerprint", ["", "ABCD", "F" * 40, "F" * 16])
def test_an_unknown_or_shortened_key_is_refused_before_anything_is_written(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path, fingerprint: str
) -> None:
    ours, _ = keyrings
    (tmp_path / "plain").write_bytes(b"record")
    with pytest.raises(KeyringError):
        ours.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], fingerprint or "0")
    assert not (tmp_path / "sealed").exists()


def test_a_key_that_has_expired_is_refused_by_name(keyrings: tuple[Keyring, Keyring], tmp_path: Path) -> None:
    ours, theirs = keyrings
    ours.generate("Force")
    fingerprint = ours.take(theirs.export(theirs.generate("Partner", expires="seconds=1")))
    (tmp_path / "plain").write_bytes(b"record")
    time.sleep(2.1)
    with pytest.raises(KeyringError, match=f"key {fingerprint} has expired"):
        ours.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], fingerprint)
    assert not (tmp_path / "sealed").exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"validity": "r"}, "revoked"),
        ({"validity": "d"}, "disabled"),
        ({"validity": "i"}, "invalid"),
        ({"validity": "e"}, "expired"),
        ({"expires": NOW}, "expired"),
        ({"encrypting_ids": frozenset()}, "no part that encrypts"),
    ],
)
def test_a_key_that_is_no_longer_good_is_refused(changes: dict[str, object], word: str) -> None:
    assert word in (key(**changes).refusal(NOW) or "")


def test_a_good_key_is_refused_by_nobody_and_warned_of_in_its_last_month() -> None:
    assert key().refusal(NOW) is None
    assert key().warning(NOW) is None
    assert key(expires=NOW + timedelta(days=31)).warning(NOW) is None
    assert "expires on 2022-12-12" in (key(expires=NOW + timedelta(days=20)).warning(NOW) or "")


def test_a_file_that_is_not_signed_by_a_known_key_is_not_decrypted(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path
) -> None:
    _, theirs = keyrings
    stranger = Keyring(tmp_path / "stranger")
    stranger.generate("Stranger")
    target = stranger.take(theirs.export(pinned))
    (tmp_path / "plain").write_bytes(b"record")
    stranger.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], target)
    stranger.rest()
    with pytest.raises(NotDecrypted):
        theirs.decrypt(tmp_path / "sealed", tmp_path / "opened", 1_000_000)
    assert not (tmp_path / "opened").exists()


def test_a_file_that_expands_too_far_is_not_decrypted(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path
) -> None:
    ours, theirs = keyrings
    (tmp_path / "plain").write_bytes(bytes(1_000_000))
    ours.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], pinned)
    with pytest.raises(NotDecrypted):
        theirs.decrypt(tmp_path / "sealed", tmp_path / "opened", 10_000)
    assert not (tmp_path / "opened").exists()


def test_a_keyring_without_a_signing_key_or_with_two_says_so(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    with pytest.raises(KeyringError, match="holds 0 secret keys"):
        keyring.signing_key()
    keyring.generate("One")
    keyring.generate("Two")
    with pytest.raises(KeyringError, match="holds 2 secret keys"):
        keyring.signing_key()
    keyring.rest()


def test_a_keyring_deep_in_the_tree_works_all_the_same(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / ("x" * 120) / "keys")
    assert keyring.generate("Deep") == keyring.signing_key()
    keyring.rest()


def test_a_gpg_that_never_ends_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring(tmp_path / "keys", patience=0.2)
    monkeypatch.setattr(keyring._gpg, "list_keys", lambda **_: time.sleep(5))
    with pytest.raises(KeyringError, match="has not come to an end"):
        keyring.public_key("A" * 40)


def test_a_fingerprint_is_compared_without_spaces_and_case() -> None:
    assert normal("abcd 1234") == "ABCD1234"


def test_a_key_that_is_locked_signs_with_its_passphrase_and_with_no_other(
    keyrings: tuple[Keyring, Keyring], tmp_path: Path
) -> None:
    _, theirs = keyrings
    folder = tmp_path / "locked"
    opened, wrong, without = (Keyring(folder, passphrase=word) for word in ("a long phrase", "another one", ""))
    signer = opened.generate("Force")
    pinned = opened.take(theirs.export(theirs.generate("Partner")))
    theirs.take(opened.export(signer))
    (tmp_path / "plain").write_bytes(b"record")
    opened.rest()  # who made the key is no longer known to gpg's agent
    for keyring in (wrong, without):
        with pytest.raises(KeyringError, match=f"The force's key {signer} is locked"):
            keyring.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], pinned)
        assert not (tmp_path / "sealed").exists()
    opened.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], pinned)
    assert theirs.decrypt(tmp_path / "sealed", tmp_path / "opened", 1000) == signer
    opened.rest()


def test_what_a_partner_sends_is_opened_with_the_passphrase_of_our_key(
    keyrings: tuple[Keyring, Keyring], tmp_path: Path
) -> None:
    _, theirs = keyrings
    opened = Keyring(tmp_path / "locked", passphrase="a long phrase")
    theirs.take(opened.export(opened.generate("Force")))
    opened.take(theirs.export(theirs.generate("Partner")))
    (tmp_path / "plain").write_bytes(b"record")
    theirs.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], opened.signing_key())
    opened.rest()
    with pytest.raises(NotDecrypted):
        Keyring(tmp_path / "locked").decrypt(tmp_path / "sealed", tmp_path / "opened", 1000)
    assert opened.decrypt(tmp_path / "sealed", tmp_path / "opened", 1000) == theirs.signing_key()
    opened.rest()


def test_the_forces_key_as_the_page_says_it_is_made_signs_what_partners_open_and_is_given_to_them(
    keyrings: tuple[Keyring, Keyring], tmp_path: Path
) -> None:
    _, theirs = keyrings
    folder = tmp_path / "made"
    folder.mkdir(mode=0o700)
    make, give = re.findall(r"^gpg --homedir /srv/clvt/keyring (.*)$", OPERATIONS, re.MULTILINE)[:2]
    for_tests = ["gpg", "--homedir", str(folder), "--batch", "--passphrase", "a long phrase"]
    subprocess.run([*for_tests, *shlex.split(make)], check=True, capture_output=True)
    public = subprocess.run([*for_tests, *shlex.split(give.split(" >")[0])], check=True, capture_output=True, text=True)
    ours = Keyring(folder, passphrase="a long phrase")
    assert theirs.take(public.stdout) == ours.signing_key()
    ours.expect_open()
    (tmp_path / "plain").write_bytes(b"record")
    ours.encrypt_all([(tmp_path / "plain", tmp_path / "sealed")], ours.take(theirs.export(theirs.generate("Partner"))))
    assert theirs.decrypt(tmp_path / "sealed", tmp_path / "opened", 1000) == ours.signing_key()
    theirs.encrypt_all([(tmp_path / "plain", tmp_path / "receipt")], ours.signing_key())
    assert ours.decrypt(tmp_path / "receipt", tmp_path / "read", 1000) == theirs.signing_key()
    ours.rest()


def test_a_backup_that_leaves_the_secret_keys_out_opens_and_signs_nothing(
    keyrings: tuple[Keyring, Keyring], pinned: str, tmp_path: Path
) -> None:
    ours, theirs = keyrings
    (tmp_path / "plain").write_bytes(b"record")
    theirs.encrypt_all([(tmp_path / "plain", tmp_path / "for us")], ours.signing_key())
    shutil.copytree(ours.folder, tmp_path / "home" / "keyring", ignore=shutil.ignore_patterns("S.*"))
    (tmp_path / "home" / "register.key").touch()
    (command,) = re.findall(r"scheduler (tar .*?) > home.tar", OPERATIONS, re.DOTALL)
    documented = [
        str(tmp_path / "home") if word == "/srv/clvt" else word for word in shlex.split(command.replace("\\\n", ""))
    ]
    backup = subprocess.run(documented, check=True, capture_output=True).stdout
    (tmp_path / "restored").mkdir()
    subprocess.run(["tar", "-C", tmp_path / "restored", "-xf", "-"], input=backup, check=True)
    assert not (tmp_path / "restored" / "register.key").exists()
    assert not list((tmp_path / "restored" / "keyring").glob("openpgp-revocs.d"))
    found = Keyring(tmp_path / "restored" / "keyring")
    assert not found.has_signing_key()
    with pytest.raises(NotDecrypted):
        found.decrypt(tmp_path / "for us", tmp_path / "opened", 1000)
    assert found.public_key(pinned).fingerprint == pinned
    found.rest()
