"""What does Airflow show of the tracker beside its own pages?

What needs somebody today and the nights, as one FastAPI app below /county-lines: in the menu, and as a tab of each run
of the DAG. Each of several forces has its own; the menu leads to that of whoever is logged in. Every route asks who is
there and what they may see; see `screens.access`.

Airflow loads its plugins in every task too: the screens are made where they are asked for, in the API server.
"""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from connectors.store.private import keep_private

keep_private()

PREFIX = "/county-lines"
VIEWS: list[dict[str, str]] = [
    {
        "name": "County Lines today",
        "href": f"{PREFIX}/today",
        "destination": "nav",
        "url_route": "county-lines-today",
    },
    {
        "name": "County Lines nights",
        "href": f"{PREFIX}/nights",
        "destination": "nav",
        "url_route": "county-lines-nights",
    },
    {
        "name": "The night",
        "href": f"{PREFIX}/run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
        "destination": "dag_run",
        "url_route": "the-night",
    },
]


class CountyLines(AirflowPlugin):
    """The screens of the County Lines tracker."""

    name = "county_lines"
    external_views = VIEWS

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The one app, below its address."""
        from screens import app

        return [{"app": app.installed(), "url_prefix": PREFIX, "name": "County Lines"}]
