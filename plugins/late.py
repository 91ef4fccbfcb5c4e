"""Who hears of a night that is not over in time?

Airflow calls this where a run misses its deadline (see dags/nightly.py): it was queued and never started, or it hangs.
Of a night that has no run at all, `clvt status` tells.
"""

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.configuration import conf

from connectors.delivery.notify import Failure, tell
from connectors.endpoints import Endpoint, EndpointError, of_airflow
from connectors.store.forces import forces
from connectors.store.paths import STAGES
from expectations.site import LONDON


def tell_late(context: dict[str, Any]) -> None:
    """Tell by mail and webhook, where they are configured, which night is not over, in which stage, where to look."""
    run = context["dag_run"]
    force = next(one for one in forces() if one.dag_id == run["dag_id"])
    folder = force.home.run(_night(run))
    stage = next((name for name in STAGES if not folder.is_sealed(name)), STAGES[-1])
    late = Failure(_night(run), (stage,), link=_page(run), force=force.name, is_late=True)
    tell(late, lambda name: _endpoint(force.connection(name)))


def _page(run: dict[str, Any]) -> str:
    """The address of the run's tab “The night”."""
    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    dag, one = (quote(run[name]) for name in ("dag_id", "dag_run_id"))
    return f"{base}/dags/{dag}/runs/{one}/plugin/the-night"


def _night(run: dict[str, Any]) -> date:
    given = (run.get("conf") or {}).get("as_of")
    moment = datetime.fromisoformat(run.get("logical_date") or run["run_after"])
    return date.fromisoformat(given) if given else moment.astimezone(LONDON).date()


def _endpoint(name: str) -> Endpoint:
    try:
        return of_airflow(name, Connection.get(name))
    except Exception:
        raise EndpointError(f"Connection {name} is not configured: add it in Airflow.") from None
