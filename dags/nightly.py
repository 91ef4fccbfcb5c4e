"""When does each stage of the night run, and what happens when one fails?

Order, times and retries only: each task calls the stage of its name. Tasks pass the night's date and counts, never
rows. The report is written whatever happened before it, and a night in which anything failed ends red.
"""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pendulum
from airflow.sdk import Connection, Context, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from connectors.delivery.notify import Failure, tell
from connectors.endpoints import Endpoint, EndpointError
from connectors.store.paths import STAGES, Home
from expectations.recipients import load as load_recipients

HOME = Home(Path(os.environ.get("CLVT_HOME", "data")).resolve())
LONDON = pendulum.timezone("Europe/London")
OUTSIDE: dict[str, Any] = {
    "retries": int(os.environ.get("CLVT_RETRIES", "3")),
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
}
SETTINGS: dict[str, dict[str, Any]] = {"pull": OUTSIDE}


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


def night_of(context: Context) -> date:
    """The night that a DAG run is for: the one it was given, else the date of the run in London."""
    given = context["params"]["as_of"]
    moment = context["dag_run"].logical_date or context["dag_run"].run_after
    return date.fromisoformat(given) if given else moment.astimezone(LONDON).date()


def run_tonight(stage: str, recipient: str | None = None) -> dict[str, int]:
    """Run one stage of the night that this DAG run is for; only what may pass by itself is tried again."""
    from night.failures import NightFailed
    from night.night import attempt
    from night.run import Run

    run = Run(night_of(get_current_context()), HOME, endpoint)
    try:
        return attempt(run, stage, recipient).counts
    except NightFailed as failure:
        if failure.worth_another_try:
            raise
        raise AirflowFailException(str(failure)) from None


def failed_stages() -> list[str]:
    """The stages of this DAG run that failed, without those that could not begin for it."""
    context = get_current_context()
    states = context["ti"].get_task_states(dag_id="nightly", run_ids=[context["run_id"]]).get(context["run_id"], {})
    return sorted(task_id for task_id, state in states.items() if state == "failed")


def tell_people(stages: list[str]) -> None:
    """Tell by mail and webhook, where they are configured, that the night failed; nobody's data is in it."""
    context = get_current_context()
    tell(Failure(night_of(context), tuple(stages), page_of_the_night(context["ti"].log_url or "")), endpoint)


def page_of_the_night(log_url: str) -> str:
    """The address of the DAG run's tab “The night”, from that of a task's log in the same run."""
    run, found, _ = log_url.partition("/tasks/")
    return f"{run}/plugin/the-night" if found else ""


@dag(
    dag_id="nightly",
    schedule="15 0 * * *",
    start_date=pendulum.datetime(2022, 1, 1, tz=LONDON),
    catchup=False,
    max_active_runs=1,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="The night; empty: the run's date")
    },
    default_args={"show_return_value_in_logs": False, "execution_timeout": timedelta(hours=1)},
    tags=["county lines"],
    doc_md=__doc__,
)
def nightly() -> None:
    """Nine stages, one after the other; partners are served side by side."""

    def staged(name: str) -> Any:
        @task(task_id=name, **SETTINGS.get(name, {}))
        def stage() -> dict[str, int]:
            return run_tonight(name)

        return stage()

    @task(task_id="deliver", map_index_template="{{ recipient }}", **OUTSIDE)
    def deliver(recipient: str) -> dict[str, int]:
        cast("dict[str, Any]", get_current_context())["recipient"] = recipient
        return run_tonight("deliver", recipient)

    @task(task_id="report", trigger_rule=TriggerRule.ALL_DONE)
    def report() -> dict[str, int]:
        failed = failed_stages()
        try:
            counts = run_tonight("report")
        except AirflowFailException:
            tell_people([*failed, "report"])
            raise
        if failed:
            tell_people(failed)
            raise AirflowFailException(f"The report is written. The night failed in {', '.join(failed)}: see that log.")
        return counts

    tasks: dict[str, Callable[[], Any]] = {
        "deliver": lambda: deliver.expand(recipient=sorted(load_recipients(HOME.recipients))),
        "report": report,
    }
    before = None
    for name in STAGES:
        now = tasks[name]() if name in tasks else staged(name)
        if before is not None:
            before >> now
        before = now


nightly()
