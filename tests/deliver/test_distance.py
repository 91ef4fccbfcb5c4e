"""Over a link with delay a file travels many requests at a time: what counts is how often we wait for an answer."""

import os
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.delivery import sftp, transfer
from connectors.delivery.transfer import Upload
from connectors.endpoints import Endpoint
from tests.deliver import openssh, standin
from tests.deliver.distance import far_away
from tests.deliver.nights import PATIENCE

BYTES = 8_000_000
WAITS = 40  # a write or a read at a time would need 250; the login alone takes about fifteen


@pytest.fixture
def invented(tmp_path: Path) -> Iterator[Endpoint]:
    with standin.running(tmp_path) as endpoint:
        yield endpoint


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Endpoint]:
    if not os.environ.get("CI") and not (openssh.SSHD and openssh.SFTP_SERVER):
        pytest.skip("OpenSSH's server is not installed here: apt-get install openssh-server")
    with openssh.running(tmp_path / "keys", tmp_path / "drop") as server:
        yield server.endpoint(timeout=PATIENCE)


@pytest.fixture(params=["invented", pytest.param("real", marks=pytest.mark.sshd)])
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


def test_a_large_file_is_sent_in_few_round_trips(endpoint: Endpoint, tmp_path: Path) -> None:
    content = os.urandom(BYTES)
    source = tmp_path / "source"
    source.write_bytes(content)
    upload = Upload(source, "drop.gpg", BYTES, sha256(content).hexdigest())
    with far_away(endpoint.port or 0) as distance:
        with sftp.session(replace(endpoint, port=distance.port)) as session:
            transfer.upload_all(session, ".", [upload], read_back="none")
        assert distance.round_trips < WAITS
    assert (tmp_path / "drop" / "drop.gpg").read_bytes() == content


def test_a_large_file_is_read_in_few_round_trips(endpoint: Endpoint, tmp_path: Path) -> None:
    content = os.urandom(BYTES)
    (tmp_path / "drop" / "feed.csv").write_bytes(content)
    with far_away(endpoint.port or 0) as distance:
        with sftp.session(replace(endpoint, port=distance.port)) as session:
            transfer.download(session, "feed.csv", tmp_path / "came", BYTES)
        assert distance.round_trips < WAITS
    assert (tmp_path / "came").read_bytes() == content


def test_many_small_files_share_their_round_trips(endpoint: Endpoint, tmp_path: Path) -> None:
    uploads = []
    for number in range(transfer.WAVE):
        source = tmp_path / f"source_{number}"
        source.write_bytes(b"record")
        uploads.append(Upload(source, f"drop_{number}.gpg", 6, sha256(b"record").hexdigest()))
    with far_away(endpoint.port or 0) as distance:
        with sftp.session(replace(endpoint, port=distance.port)) as session:
            transfer.upload_all(session, ".", uploads)
        assert distance.round_trips < WAITS
