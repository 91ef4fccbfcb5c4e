"""Who hears of a night that is not over in time?

Airflow calls this where a run misses its deadline (see dags/nightly.py): it was queued and never started, or it hangs.
Of a night that has no run at all, `clvt status` tells.
"""

from datetime import date, datetime
from typing import Any

from airflow.sdk import Connection

from connectors.delivery.notify import Failure, tell
from connectors.endpoints import Endpoint, EndpointError, of_airflow
from connectors.store.forces import forces
from expectations.site import LONDON


def tell_late(context: dict[str, Any]) -> None:
    """Tell by mail and webhook, where they are configured, which night is not over."""
    run = context["dag_run"]
    force = next(one for one in forces() if one.dag_id == run["dag_id"])
    tell(Failure(_night(run), force=force.name), lambda name: _endpoint(force.connection(name)))


def _night(run: dict[str, Any]) -> date:
    given = (run.get("conf") or {}).get("as_of")
    moment = datetime.fromisoformat(run.get("logical_date") or run["run_after"])
    return date.fromisoformat(given) if given else moment.astimezone(LONDON).date()


def _endpoint(name: str) -> Endpoint:
    try:
        return of_airflow(name, Connection.get(name))
    except Exception:
        raise EndpointError(f"Connection {name} is not configured: add it in Airflow.") from None
