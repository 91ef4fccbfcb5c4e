"""Where does a command find a connection: in the environment, or where Airflow keeps it?

Airflow keeps connections in secrets backends and in its database. It is asked in a process of its own, since importing
it takes seconds: once for all names that are looked for together.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from connectors.endpoints import Endpoint, EndpointError, from_environment, parsed, variable

SETTINGS = ("AIRFLOW_HOME", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__SECRETS__BACKEND")
SECONDS = 120

_asked: dict[str, Endpoint | None] = {}


def endpoint(name: str) -> Endpoint:
    """A connection by its id; EndpointError where it is in neither place."""
    if os.environ.get(variable(name)):
        return from_environment(name)
    look_for([name])
    found = _asked.get(name)
    if found is None:
        raise EndpointError(f"Connection {name} is not configured: set {variable(name)}, or add it in Airflow.")
    return found


def configured(names: Iterable[str]) -> list[str]:
    """Those of these connections that are configured anywhere."""
    wanted = list(names)
    look_for(wanted)
    return [name for name in wanted if os.environ.get(variable(name)) or _asked.get(name)]


def look_for(names: Iterable[str]) -> None:
    """Ask Airflow for connections that the environment does not have, all in one go."""
    missing = [name for name in names if not os.environ.get(variable(name)) and name not in _asked]
    if missing and _is_set_up():
        _asked.update(dict.fromkeys(missing), **_in_airflow(missing))


def _is_set_up() -> bool:
    return any(os.environ.get(name) for name in SETTINGS) or (Path.home() / "airflow" / "airflow.cfg").is_file()


def _in_airflow(names: list[str]) -> dict[str, Endpoint]:
    command = [sys.executable, "-m", "clvt.airflow_connections", *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    except (subprocess.SubprocessError, OSError):
        raise EndpointError(
            "Airflow could not be asked for its connections: see that its database is up (`airflow db check`), or set "
            "the connections in the environment."
        ) from None
    return {name: parsed(name, text) for name, text in json.loads(done.stdout).items()}
