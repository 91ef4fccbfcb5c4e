"""When does each stage of the night run, and what happens when one fails?

Order, times and retries only: each task calls the stage of its name. Tasks pass the night's date and counts, never rows.
"""

import os
from datetime import date, timedelta
from pathlib import Path

import pendulum
from airflow.sdk import Connection, Param, dag, get_current_context, task

from connectors.endpoints import Endpoint, EndpointError
from connectors.paths import STAGES, Home
from expectations.recipients import load as load_recipients

HOME = Home(Path(os.environ.get("CLVT_HOME", "data")).resolve())
LONDON = pendulum.timezone("Europe/London")
SOURCE_RETRIES = {"retries": 3, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}
PARTNER_RETRIES = {"retries": 3, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}


def endpoint(name: str) -> Endpoint:
    """An Airflow Connection as the connectors take it."""
    try:
        found = Connection.get(name)
    except Exception:
        raise EndpointError(f"Connection {name} is not configured: add it in Airflow.") from None
    return Endpoint(
        name=name,
        kind=found.conn_type,
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        schema=found.schema or "",
        extra=found.extra_dejson,
    )


def run_tonight(stage: str, recipient: str | None = None) -> dict[str, int]:
    """Run one stage of the night that this DAG run is for."""
    from night.night import attempt
    from night.run import Run

    context = get_current_context()
    given = context["params"]["as_of"]
    moment = context["dag_run"].logical_date or context["dag_run"].run_after
    as_of = date.fromisoformat(given) if given else moment.astimezone(LONDON).date()
    return attempt(Run(as_of, HOME, endpoint, os.environ.get("CLVT_REGISTER", "")), stage, recipient).counts


@dag(
    dag_id="nightly",
    schedule="15 0 * * *",
    start_date=pendulum.datetime(2022, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    params={"as_of": Param(None, type=["null", "string"], format="date", description="The night; empty: the run's date")},
    default_args={"show_return_value_in_logs": False, "execution_timeout": timedelta(hours=1)},
    tags=["county lines"],
    doc_md=__doc__,
)
def nightly() -> None:
    """Nine stages, one after the other; the report is written whatever happened before it."""

    def staged(name: str, **settings: object) -> object:
        @task(task_id=name, **settings)
        def stage() -> dict[str, int]:
            return run_tonight(name)

        return stage()

    @task(task_id="deliver", map_index_template="{{ recipient }}", **PARTNER_RETRIES)
    def deliver(recipient: str) -> dict[str, int]:
        get_current_context()["recipient"] = recipient
        return run_tonight("deliver", recipient)

    settings = {"pull": SOURCE_RETRIES}
    before = None
    for name in STAGES:
        if name == "deliver":
            now = deliver.expand(recipient=sorted(load_recipients(HOME.recipients)))
        else:
            now = staged(name, **settings.get(name, {}))
        if name == "report":
            now.as_teardown(on_failure_fail_dagrun=True)
        if before is not None:
            before >> now
        before = now


nightly()
