"""One client of the delivery benchmark, in a process of its own: it sends the files of a folder, and ends."""

import getpass
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko

from connectors.delivery import sftp, transfer
from connectors.delivery.transfer import Upload
from connectors.endpoints import Endpoint

PARAMIKO = "paramiko put"
OURS, OURS_READ = "checked upload", "checked, read back"
OURS_SHA, OURS_SSL, OURS_B2 = "checked, sha256sum there", "checked, openssl there", "checked, b2sum there"
READ_BACK = {OURS: "none", OURS_READ: "sftp", OURS_SHA: "sha256sum", OURS_SSL: "openssl", OURS_B2: "b2sum"}


def main() -> None:
    """Send the files of a folder: client, folder, port, host key, key file."""
    client, sources, port, host_key, key_file = sys.argv[1:]
    files = sorted(Path(sources).iterdir())
    if client == PARAMIKO:
        _put(files, int(port), key_file)
    else:
        extra = {"host_key": host_key, "key_file": key_file}
        endpoint = Endpoint("bench", "sftp", "127.0.0.1", int(port), getpass.getuser(), extra=extra)
        _send(files, endpoint, READ_BACK[client])


def _send(files: list[Path], endpoint: Endpoint, read_back: str) -> None:
    """As a delivery does it; only what is read again is compared by the SHA-256 that the caller gives."""
    with ThreadPoolExecutor(1) as beside:
        digests = [beside.submit(transfer.digest_here, path) if read_back == "sftp" else None for path in files]
        with sftp.session(endpoint) as session:
            uploads = [
                Upload(path, path.name, path.stat().st_size, digest.result() if digest else "")
                for path, digest in zip(files, digests, strict=True)
            ]
            transfer.upload_all(session, ".", uploads, read_back=read_back)


def _put(files: list[Path], port: int, key_file: str) -> None:
    transport = paramiko.Transport(("127.0.0.1", port))
    transport.connect(username=getpass.getuser(), pkey=paramiko.Ed25519Key.from_private_key_file(key_file))
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    for path in files:
        client.put(str(path), path.name)
    transport.close()


if __name__ == "__main__":
    main()
