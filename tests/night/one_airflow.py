"""Makes nights of every DAG in one Airflow, in this process: `python -m tests.night.one_airflow '["2022-03-05"]'`."""

import json
import sys
from contextlib import suppress

from airflow.cli.cli_parser import get_parser

from connectors.store.forces import forces


def main(nights: list[str]) -> None:
    """Whether a night was whole is asked of Airflow's database afterwards."""
    parser = get_parser()
    _run(parser.parse_args(["db", "migrate"]))
    for night in nights:
        for force in forces():
            with suppress(SystemExit):
                _run(parser.parse_args(["dags", "test", force.dag_id, "--conf", json.dumps({"as_of": night})]))


def _run(given) -> None:
    given.func(given)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
