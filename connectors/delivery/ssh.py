"""How does one log in at a partner's server, and know that it is theirs?

The host key is pinned in the connection and compared before anything else is sent; nothing is trusted on first use.
Only modern algorithms are offered, nothing is compressed (encrypted files do not shrink), and every step has a time
limit.
"""

import base64
import io
import socket
import time
from collections.abc import Sequence
from typing import Any

import paramiko
from paramiko.pkey import UnknownKeyType

from connectors.endpoints import Endpoint

CONNECT_SECONDS = 15.0
PATIENCE_SECONDS = 25.0  # how long a server may say nothing before that is an error
READ_AHEAD_BYTES = 1 << 18
MOST_ANSWER_BYTES = 1 << 20  # of a command's answer
WINDOW_BYTES = 1 << 24  # how much a server may send before it must wait for us

CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr")
DIGESTS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")


class PartnerError(Exception):
    """Something with a partner's server went wrong; the text is one sentence for people."""

    worth_another_try = True  # the network, the server or its disk may be well again a little later


class Unreachable(PartnerError):
    """The connection could not be made, or was cut: worth another try after a moment."""


class Silent(PartnerError):
    """The server stopped answering: the next attempt is the next run's, so that nothing hangs."""


class HostKeyDiffers(PartnerError):
    """The server is not the one that was agreed: never tried again on its own."""

    worth_another_try = False


class LoginRefused(PartnerError):
    """The server does not accept the login: never tried again on its own."""

    worth_another_try = False


class NotConfigured(PartnerError):
    """The connection lacks something, or what it holds cannot be read."""

    worth_another_try = False


class PatientSocket:
    """A socket for paramiko to use.

    Its `send` fails when it gets nowhere for `patience` seconds, where paramiko alone would try for ever. Its `recv`
    reads ahead, because paramiko asks for 16 bytes and then for the rest of each packet.
    """

    def __init__(self, sock: socket.socket, patience: float) -> None:
        self._sock = sock
        self._patience = patience
        self._last_progress = time.monotonic()
        self._stuck = False
        self._ahead = memoryview(b"")

    def recv(self, count: int) -> bytes:
        """At most `count` bytes; nothing at the end of the connection."""
        if not self._ahead:
            self._ahead = memoryview(self._sock.recv(max(count, READ_AHEAD_BYTES)))
        taken, self._ahead = bytes(self._ahead[:count]), self._ahead[count:]
        return taken

    def send(self, data: bytes) -> int:
        """Send some of the data; OSError where the other side has taken nothing for too long."""
        try:
            sent = self._sock.send(data)
        except TimeoutError:
            if not self._stuck:
                self._stuck, self._last_progress = True, time.monotonic()
            if time.monotonic() - self._last_progress > self._patience:
                raise OSError("the other side takes nothing any more") from None
            raise
        self._stuck = False
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def connect(endpoint: Endpoint, patience: float = PATIENCE_SECONDS) -> paramiko.Transport:
    """A connection to the server of an endpoint, logged in.

    `endpoint.extra` holds `host_key` (`ssh-ed25519 AAAA…`; `next_host_key` is accepted too, while a partner changes it)
    and `private_key` or `key_file`, with `private_key_passphrase` and `certificate` where there are any; a password
    comes from the connection itself. Raises Unreachable, HostKeyDiffers, LoginRefused or NotConfigured.
    """
    pinned = pinned_keys(endpoint)
    transport = paramiko.Transport(
        PatientSocket(_dial(endpoint), patience),  # type: ignore[arg-type]
        default_window_size=WINDOW_BYTES,
    )
    try:
        shown = _agree(transport, endpoint, pinned)
        _compare_host_key(shown, endpoint, pinned)
        _log_in(transport, endpoint)
    except BaseException:
        transport.close()
        raise
    transport.set_keepalive(15)
    return transport


def answer(transport: paramiko.Transport, command: str, server: str, patience: float = PATIENCE_SECONDS) -> bytes:
    """What a command of the server's shell prints, until it ends. Raises Silent, Unreachable, or PartnerError."""
    received, until = bytearray(), time.monotonic() + patience
    try:
        channel = transport.open_session(timeout=patience)
        channel.settimeout(patience)
        channel.exec_command(command)
        while more := channel.recv(READ_AHEAD_BYTES):
            received += more
            if len(received) > MOST_ANSWER_BYTES:
                raise PartnerError(f"{server} answers a command with far more than was asked for.")
            channel.settimeout(max(0.01, until - time.monotonic()))
        channel.close()
    except TimeoutError:
        raise Silent(f"{server} has not answered for {patience:.0f} seconds.") from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        if transport.is_active():
            raise PartnerError(
                f"{server} runs no commands for us: have the partner allow it, or do without in the contract."
            ) from error
        raise Unreachable(f"{server} cut the connection.") from error
    return bytes(received)


def pinned_keys(endpoint: Endpoint) -> list[paramiko.PKey]:
    """The host keys that the endpoint's server may show: today's, and the announced next one; NotConfigured without."""
    texts = [str(endpoint.extra[name]) for name in ("host_key", "next_host_key") if endpoint.extra.get(name)]
    if not texts:
        raise NotConfigured(
            f"Connection {endpoint.name} has no host_key: ask the partner for the server's public key by another way "
            "than this network, and put it in the connection's extra."
        )
    return [_public_key(endpoint, text) for text in texts]


def fingerprint(key: paramiko.PKey) -> str:
    """A key's fingerprint as OpenSSH prints it."""
    return str(key.fingerprint)


def _public_key(endpoint: Endpoint, text: str) -> paramiko.PKey:
    try:
        kind, encoded = text.split()[:2]
        return paramiko.PKey.from_type_string(kind, base64.b64decode(encoded, validate=True))
    except (ValueError, paramiko.SSHException, UnknownKeyType) as error:
        raise NotConfigured(
            f"Connection {endpoint.name}: host_key cannot be read; it is written as `ssh-ed25519 AAAA…`."
        ) from error


def _dial(endpoint: Endpoint) -> socket.socket:
    try:
        sock = socket.create_connection((endpoint.host, endpoint.port or 22), timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise Silent(f"{where(endpoint)} has not answered for {CONNECT_SECONDS:.0f} seconds.") from error
    except OSError as error:
        raise Unreachable(f"{where(endpoint)} cannot be reached: {error.strerror or error}.") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _agree(transport: paramiko.Transport, endpoint: Endpoint, pinned: Sequence[paramiko.PKey]) -> paramiko.PKey:
    """Agree on keys and algorithms; the host key that the server shows."""
    options = transport.get_security_options()
    options.ciphers = CIPHERS
    options.digests = DIGESTS
    options.key_types = _pinned_first(options.key_types, pinned)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = CONNECT_SECONDS
    try:
        transport.start_client(timeout=CONNECT_SECONDS)
        return transport.get_remote_server_key()
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise NotConfigured(f"{where(endpoint)} offers no algorithm that is still considered safe: {error}.") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise Unreachable(f"{where(endpoint)} cut the connection, or was silent, before the login.") from error


def _pinned_first(offered: Sequence[str], pinned: Sequence[paramiko.PKey]) -> tuple[str, ...]:
    """Host key types with those of the pinned keys in front, so that a server with several shows the pinned one."""
    families = {key.get_name().removeprefix("ssh-").split("-cert")[0] for key in pinned}
    return tuple(sorted(offered, key=lambda kind: not any(family in kind for family in families)))


def _compare_host_key(shown: paramiko.PKey, endpoint: Endpoint, pinned: Sequence[paramiko.PKey]) -> None:
    if not any(shown.asbytes() == key.asbytes() for key in pinned):
        raise HostKeyDiffers(
            f"{where(endpoint)} shows host key {fingerprint(shown)}, but {' or '.join(map(fingerprint, pinned))} is "
            "pinned. Nothing was sent. Ask the partner by telephone before changing host_key in the connection."
        )


def _log_in(transport: paramiko.Transport, endpoint: Endpoint) -> None:
    key = private_key(endpoint)
    if key is None and not endpoint.password:
        raise NotConfigured(f"Connection {endpoint.name} holds neither a private key nor a password.")
    try:
        still_asked = transport.auth_publickey(endpoint.login, key) if key else ["password"]
        if still_asked and endpoint.password:
            still_asked = transport.auth_password(endpoint.login, endpoint.password)
    except paramiko.AuthenticationException as error:
        raise LoginRefused(_refused(endpoint, key)) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise Unreachable(f"{where(endpoint)} cut the connection during the login.") from error
    if still_asked:
        raise LoginRefused(_refused(endpoint, key))


def _refused(endpoint: Endpoint, key: paramiko.PKey | None) -> str:
    means = f"key {fingerprint(key)}" if key else "the connection's password"
    if key and key.public_blob:
        means += " and its certificate (expired, or for another user?)"
    return (
        f"{where(endpoint)} refuses the login of {endpoint.login or '(no user)'} with {means}. It is not tried again: "
        f"check connection {endpoint.name} with the partner."
    )


def private_key(endpoint: Endpoint) -> paramiko.PKey | None:
    """The key that the endpoint logs in with, with its certificate; None where it has none.

    Raises NotConfigured where what it has cannot be read.
    """
    extra = endpoint.extra
    phrase = extra.get("private_key_passphrase") or None
    try:
        if extra.get("private_key"):
            key = _parse_private_key(str(extra["private_key"]), phrase)
        elif extra.get("key_file"):
            key = paramiko.PKey.from_path(str(extra["key_file"]), phrase.encode() if phrase else None)
        else:
            return None
        if extra.get("certificate"):
            key.load_certificate(str(extra["certificate"]))
    except (OSError, ValueError, TypeError, paramiko.SSHException, UnknownKeyType) as error:
        raise NotConfigured(
            f"Connection {endpoint.name}: its private key or certificate cannot be read ({type(error).__name__})."
        ) from error
    return key


def _parse_private_key(text: str, phrase: str | None) -> paramiko.PKey:
    kinds: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
    for kind in kinds:
        try:
            return kind.from_private_key(io.StringIO(text), phrase)
        except paramiko.SSHException:
            continue
    raise ValueError("no key of a known kind")


def where(endpoint: Endpoint) -> str:
    """How messages name an endpoint."""
    return f"{endpoint.name} ({endpoint.host}:{endpoint.port or 22})"
