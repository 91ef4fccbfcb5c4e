"""How did each night go: how much came, what was asked, how long did it take, and what failed?

Counts and times only: no page here names anybody, so that an engineer needs no permission to see children's records.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.models.dagrun import DagRun
from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select

from connectors.delivery.outbox import deliveries
from connectors.register import history
from connectors.store import sealed
from connectors.store.paths import PUBLISHING_STAGE, STAGES, Home
from expectations.site import LONDON
from night.outcome import unsealed
from night.run import Run
from screens.access import Engineer, force_of
from screens.desk import home_of, run_of
from screens.pages import shown
from transforms.report.charts import Series, line_chart
from transforms.report.outside import not_released

router = APIRouter()

SHOWN_NIGHTS = 60


@dataclass(frozen=True)
class Night:
    """A night in the history: records taken and stopped, open questions, children on the tracker, seconds, failures."""

    as_of: date
    taken: int | None
    stopped: int | None
    questions: int | None
    closing: int | None
    seconds: float
    failed: list[str]


@dataclass(frozen=True)
class Stage:
    """A stage of one night: its counts, seconds and failure; `counts` None where it did not end."""

    name: str
    counts: dict[str, int] | None
    seconds: float | None
    failure: str


@router.get("/nights")
def nights(request: Request, user: Engineer) -> HTMLResponse:
    """The last nights in one table, and their volume, questions and time as curves."""
    home = home_of(request)
    known = home.nights()[-SHOWN_NIGHTS:]
    rows = _history(home, known) if known else []
    names = [f"{row.as_of:%d %b}" for row in rows]
    charts: dict[str, list[int | None]] = {
        "Records taken": [row.taken for row in rows],
        "Questions that stand": [row.questions for row in rows],
        "Seconds": [round(row.seconds) for row in rows],
    }
    drawn = (
        {title: line_chart(title, names, [Series(title, values)]) for title, values in charts.items()} if rows else {}
    )
    return shown(request, "nights.html", nights=rows[::-1], charts=drawn)


@router.get("/nights/{as_of}")
def night(request: Request, user: Engineer, as_of: date) -> HTMLResponse:
    """One night, stage by stage, with its quarantine and its deliveries."""
    run = run_of(request, as_of)
    if as_of not in run.home.nights():
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no night {as_of}.")
    sent = Counter(
        (row["recipient"], row["state"]) for row in deliveries(run.register) if str(row["run"]) == str(as_of)
    )
    quarantine = run.rows("normalise", "quarantine") if run.folder.is_sealed("normalise") else []
    return shown(
        request,
        "night_page.html",
        as_of=as_of,
        shown_night=_shown_night(run),
        stages=_stages(run),
        quarantine=not_released(quarantine),
        sent=sorted(sent.items()),
        has_report=run.folder.is_sealed("report"),
    )


@router.get("/run")
def of_dag_run(request: Request, user: Engineer, session: SessionDep, dag_id: str, run_id: str) -> RedirectResponse:
    """The night that a run of the DAG is for."""
    found = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
    if found is None or dag_id != force_of(request).dag_id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such run.")
    moment = found.logical_date or found.run_after
    as_of = (found.conf or {}).get("as_of") or moment.astimezone(LONDON).date().isoformat()
    return RedirectResponse(f"{request.scope.get('root_path', '')}/nights/{date.fromisoformat(as_of)}")


def _history(home: Home, known: list[date]) -> list[Night]:
    ended = history.of_nights(Run(known[-1], home).register, str(known[0]), str(known[-1]))
    latest: dict[str, dict[str, dict[str, Any]]] = {}
    for row in ended:
        latest.setdefault(row["run"], {})[row["stage"]] = row
    return [_night(Run(as_of, home), latest.get(str(as_of), {})) for as_of in known]


def _night(run: Run, ended: dict[str, dict[str, Any]]) -> Night:
    normalised, reconciled, reported = (_counts(run, stage) for stage in ("normalise", "reconcile", "report"))
    return Night(
        as_of=run.as_of,
        taken=normalised.get("taken"),
        stopped=normalised.get("stopped"),
        questions=reported.get("questions"),
        closing=reconciled.get("closing"),
        seconds=sum(row["seconds"] for row in ended.values()),
        failed=sorted({stage for stage, row in ended.items() if row["failure"]} | set(unsealed(run)[:1])),
    )


def _shown_night(run: Run) -> date | None:
    """The night that the figures of this night's pages are of."""
    shown = run.folder if run.is_published else run.previous(PUBLISHING_STAGE)
    return shown.as_of if shown else None


def _counts(run: Run, stage: str) -> dict[str, int]:
    return sealed.counts(run.folder, stage) if run.folder.is_sealed(stage) else {}


def _stages(run: Run) -> list[Stage]:
    """The stages in order, deliver once for each recipient where it ran so, each as its last attempt ended."""
    latest = {row["stage"]: row for row in history.of_nights(run.register, str(run.as_of), str(run.as_of))}
    found = []
    for name in STAGES:
        labels = sorted(label for label in latest if label == name or label.startswith(f"{name}[")) or [name]
        for label in labels:
            row = latest.get(label, {"counts": {}, "seconds": None, "failure": ""})
            counts = row["counts"] or _counts(run, label)
            ended = bool(row["counts"]) or run.folder.is_sealed(name)
            found.append(Stage(label, counts if ended else None, row["seconds"], row["failure"]))
    return found
