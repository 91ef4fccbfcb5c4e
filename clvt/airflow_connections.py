"""Which of these connections does Airflow have? Prints them as JSON, for `clvt.connections`.

The only module of `clvt` that imports Airflow, and always a process of its own.
"""

import json
import os
import sys


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
        fields = ("conn_type", "host", "port", "login", "password", "schema")
        found[name] = json.dumps({field: getattr(kept, field) for field in fields} | {"extra": kept.extra_dejson})
    json.dump(found, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
