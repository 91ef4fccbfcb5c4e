"""When does each stage of the night run, and what happens when one fails?

Order, times and retries only: each task calls the stage of its name. Tasks pass the night's date, counts and names of
partners, never rows. The report is written whatever happened before it, and a night in which anything failed ends red.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import pendulum
from airflow.providers.common.compat.lineage.entities import File
from airflow.sdk import DAG, Connection, Context, Param, TriggerRule, XComArg, get_current_context, task
from airflow.sdk.configuration import conf
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException
from airflow.sdk.observability import stats

from connectors.delivery.notify import Digest, Failure, NotNotified, tell, tell_end
from connectors.endpoints import Endpoint, EndpointError, of_airflow
from connectors.store import at_work
from connectors.store.forces import Force, forces
from connectors.store.paths import STAGES

if TYPE_CHECKING:
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    from night.run import Run

FORCES = {force.dag_id: force for force in forces()}
LONDON = pendulum.timezone("Europe/London")
RETRIES = int(os.environ.get("CLVT_RETRIES", "3"))
# Longer than a scheduler needs to notice that a task gave its place free: else it takes the next try for a failure.
LOOK_AGAIN = timedelta(seconds=float(os.environ.get("CLVT_LOOK_AGAIN", "30")))
MOST_MOMENTS = 10
# 0 for no alert: `airflow dags test` (3.3) does not keep the deadlines of a DAG, and falls over them at its end.
TOO_LATE = timedelta(hours=float(os.environ.get("CLVT_TOO_LATE_HOURS", "2.5")))
LATE = DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, TOO_LATE, SyncCallback("late.tell_late")) if TOO_LATE else None
# Sources and partners are tried again after 2, 4 and 8 minutes; a task that was killed, once.
OUTSIDE: dict[str, Any] = {
    "retries": RETRIES,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
}
KILLED: dict[str, Any] = {"retries": min(RETRIES, 1), "retry_delay": timedelta(seconds=30)}
SETTINGS: dict[str, dict[str, Any]] = {"pull": {**OUTSIDE, "execution_timeout": timedelta(minutes=20)}}


def endpoint(name: str) -> Endpoint:
    """An Airflow Connection as the connectors take it."""
    try:
        found = Connection.get(name)
    except Exception:
        raise EndpointError(f"Connection {name} is not configured: add it in Airflow.") from None
    return of_airflow(name, found)


def night_of(context: Context) -> date:
    """The night that a DAG run is for: the one it was given, else the date of the run in London."""
    given = context["params"]["as_of"]
    moment = context["dag_run"].logical_date or context["dag_run"].run_after
    return date.fromisoformat(given) if given else moment.astimezone(LONDON).date()


def expect_known(conf: dict[str, Any] | None) -> None:
    """A run that was given anything but its night is an error: a mistyped key would run another night."""
    unknown = sorted(set(conf or {}) - {"as_of"})
    if unknown:
        raise AirflowFailException(
            f"This run was given {', '.join(unknown)}, which means nothing here. Give as_of, the night, or nothing."
        )


def await_turn(context: Context) -> None:
    """Look again later while a run of an earlier date is not over: a backfill starts all of its nights at once."""
    ti = cast("RuntimeTaskInstance", context["ti"])
    unfinished = ("running", "queued") if context["dag_run"].run_type == "backfill" else ("running",)
    if any(ti.get_previous_dagrun(state=state) for state in unfinished):
        made = at_work.night_at_work(FORCES[context["dag"].dag_id].home)
        raise look_again((night_of(context) - made).days if made else 1)


def look_again(nights: int = 1) -> AirflowRescheduleException:
    """The task gives its place free, and is tried again in a moment, or as many as nights are before it; none failed.

    Looking costs seconds of a processor: nine nights that looked as often would leave none for the one that is made.
    """
    moments = LOOK_AGAIN * min(max(nights, 1), MOST_MOMENTS)
    return AirflowRescheduleException(pendulum.now("UTC") + moments)  # type: ignore[no-untyped-call]


def run_of(context: Context) -> "Run":
    """The night's run in the home of the DAG's force, with connections from Airflow."""
    from night.run import Run

    force = FORCES[context["dag"].dag_id]
    executor = conf.get("core", "executor")
    if force.refusal:
        raise AirflowFailException(force.refusal)
    if "LocalExecutor" not in executor and not force.setting("CLVT_REGISTER"):
        raise AirflowFailException(
            f"{executor} runs stages on several machines, and the register is a file: its writes would be lost. Name a "
            "PostgreSQL database in CLVT_REGISTER. Nothing was changed."
        )
    return Run(night_of(context), force.home, cache(endpoint))  # Airflow is asked once a task for each


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Airflow prints the message of an error and of those inside it, which may hold a value: none comes so far."""
    from night.failures import NightFailed, sentence_of, worth_another_try

    try:
        yield
    except (AirflowException, NightFailed):
        raise
    except Exception as error:
        if worth_another_try(error):
            raise NightFailed(sentence_of(error), worth_another_try=True) from None
        raise AirflowFailException(sentence_of(error)) from None


def run_stage(stage: str, recipient: str | None = None) -> dict[str, int]:
    """Run one stage of the night that this DAG run is for; only what may pass by itself is tried again."""
    from night.failures import MayNotRun, NightFailed
    from night.night import attempt

    context = get_current_context()
    expect_known(context["dag_run"].conf)
    if stage == STAGES[0]:
        await_turn(context)
    run = run_of(context)
    try:
        counts = attempt(run, stage, recipient).counts
        show_data_sets(context, run, stage, recipient)
        return counts
    except MayNotRun as refusal:
        if refusal.worth_another_try:
            raise look_again() from None
        raise AirflowFailException(str(refusal)) from None
    except NightFailed as failure:
        if failure.worth_another_try:
            raise
        raise AirflowFailException(str(failure)) from None


def show_data_sets(context: Context, run: "Run", stage: str, recipient: str | None) -> None:
    """Give the task the names of what it read and made as inlets and outlets, which OpenLineage's listener reports."""
    from night.lineage import data_sets

    force, task = context["dag"].dag_id, context["task"]
    read, made = data_sets(run, stage, recipient)
    task.inlets, task.outlets = (
        [File(url=f"county-lines://{force}/{name}") for name in names] for names in (read, made)
    )


def how_it_ended(run: "Run") -> tuple[list[str], Failure]:
    """A sentence for each thing that did not end well, and what people are told; its seals tell, not its tasks."""
    from night.brakes import held_night
    from night.outcome import failed_stages, failures, not_reached

    held = held_night(run)
    of_the_night = Failure(
        run.as_of, tuple(failed_stages(run)), tuple(not_reached(run)), held=held.consequence if held else ""
    )
    return failures(run), of_the_night


@in_a_sentence()
def tell_people(context: Context) -> None:
    """Tell by mail and webhook, where they are configured, that the night failed; nobody's data is in it.

    Airflow calls this where a run failed, whatever ended it: of a task that was killed no other task would tell.
    """
    force = FORCES[context["dag"].dag_id]
    try:
        _, failure = how_it_ended(run_of(context))
    except Exception:
        failure = Failure(night_of(context), ("report",))
    page = page_of_the_night(cast("RuntimeTaskInstance", context["ti"]).log_url or "")
    tell(replace(failure, link=page, force=force.name), lambda name: endpoint(force.connection(name)))


def mail_the_end(run: "Run") -> list[str]:
    """Mail where the register ends now that the night does, where that is configured; a sentence where it fails."""
    force = FORCES[get_current_context()["dag"].dag_id]
    try:
        tell_end(Digest(run.as_of, run.anchor(), force.name), lambda name: endpoint(force.connection(name)))
    except NotNotified as failed:
        return [str(failed)]
    return []


def show_in_numbers(run: "Run") -> None:
    """Hand the night's numbers to Airflow's own metrics; they go nowhere where `[metrics]` sends none."""
    from night.measured import measured

    for name, value in measured(run).items():
        stats.gauge(f"county_lines.{get_current_context()['dag'].dag_id}.{name}", value)


def page_of_the_night(log_url: str) -> str:
    """The address of the DAG run's tab “The night”, from that of a task's log in the same run."""
    run, found, _ = log_url.partition("/tasks/")
    return f"{run}/plugin/the-night" if found else ""


def nightly(force: Force) -> DAG:
    """The DAG of a force's nights: it shows why it is refused, where it is, and fails alone."""
    with DAG(
        dag_id=force.dag_id,
        schedule="15 0 * * *",
        start_date=pendulum.datetime(2022, 1, 1, tz=LONDON),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=5),
        deadline=LATE,
        on_failure_callback=tell_people,
        params={
            "as_of": Param(None, type=["null", "string"], format="date", description="The night; empty: the run's date")
        },
        default_args={"show_return_value_in_logs": False, "execution_timeout": timedelta(hours=1)},
        tags=["county lines"],
        doc_md=force.refusal or __doc__,
    ) as made:
        stages()
    return made


def stages() -> None:
    """Nine stages, one after the other; partners are served side by side."""

    def staged(name: str) -> XComArg:
        @task(task_id=name, multiple_outputs=False, **SETTINGS.get(name, KILLED))
        @in_a_sentence()
        def stage() -> dict[str, int]:
            return run_stage(name)

        return stage()

    @task(task_id="export", **KILLED)
    @in_a_sentence()
    def export() -> list[str]:
        from night.deliver import partners

        run_stage("export")
        return partners(run_of(get_current_context()))

    @task(task_id="deliver", map_index_template="{{ recipient }}", multiple_outputs=False, **OUTSIDE)
    @in_a_sentence()
    def deliver(recipient: str) -> dict[str, int]:
        cast(dict[str, Any], get_current_context())["recipient"] = recipient  # what map_index_template shows
        return run_stage("deliver", recipient)

    @task(task_id="report", trigger_rule=TriggerRule.ALL_DONE, multiple_outputs=False, **KILLED)
    @in_a_sentence()
    def report() -> dict[str, int]:
        run = run_of(get_current_context())
        counts = run_stage("report")
        show_in_numbers(run)
        wrong, _ = how_it_ended(run)
        wrong += mail_the_end(run)
        if wrong:
            raise AirflowFailException(f"The report is written. {' '.join(wrong)}")
        return counts

    exported = export()
    tasks = {name: staged(name) for name in STAGES if name not in ("export", "deliver", "report")}
    tasks |= {"export": exported, "deliver": deliver.expand(recipient=exported), "report": report()}
    for before, after in pairwise(STAGES):
        tasks[before] >> tasks[after]


for one in FORCES.values():
    nightly(one)
