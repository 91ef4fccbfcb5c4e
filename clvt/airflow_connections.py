"""Which of these connections does Airflow have? Prints them as JSON, for `clvt.connections`.

The only module of `clvt` that imports Airflow, and always a process of its own.
"""

import json
import os
import sys

from connectors.endpoints import as_json, of_airflow


def main(names: list[str]) -> None:
    """Print a JSON object: of each connection that Airflow has, its own JSON form by its id."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Airflow itself prints is no part of the answer
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for name in names:
        try:
            kept = Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            continue
        found[name] = as_json(of_airflow(name, kept))
    json.dump(found, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
