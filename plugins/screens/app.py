"""Which addresses do the screens have, and what does someone see who may not look?"""

import logging
from urllib.parse import urlencode

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import FastAPI, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from connectors.store.forces import ListUnusable, are_several, forces
from night.failures import sentence_of
from screens import audit, deciding, meeting, network, nights, pages, people, review, today
from screens.access import NIGHTS, REVIEW, may
from screens.pages import shown

DETAILS = {401: "You are not logged in, or were away too long. What was recorded is kept; what was only typed is not."}
HEADINGS = {401: "Please log in", 403: "You may not see this", 404: "There is nothing here"}


# What is asked of whoever goes to one of these before it is known to which force.
CHOSEN = {"today": REVIEW, "nights": NIGHTS}


def installed() -> FastAPI:
    """The screens of this installation: of several forces each below an address of its own."""
    return of_several() if are_several() else screens("")


def of_several() -> FastAPI:
    """The screens of each force, and the way from the menu and from a run of a DAG to those of the right one."""
    app = _app()
    app.add_api_route("/run", _of_dag_run, include_in_schema=False)
    for force in forces():
        app.mount(f"/{force.name}", screens(force.name))
    app.add_api_route("/{place}", _chosen, include_in_schema=False)
    return app


def screens(force: str) -> FastAPI:
    """The app of all screens of one force."""
    app = _app()
    app.state.force = force
    app.include_router(today.router)
    app.include_router(review.router)
    app.include_router(meeting.router)
    app.include_router(people.router)
    app.include_router(network.router)
    app.include_router(deciding.router)
    app.include_router(nights.router)
    app.include_router(audit.router)
    return app


def _app() -> FastAPI:
    """An app without FastAPI's own documentation pages, which would ask nobody who they are."""
    app = FastAPI(title="County Lines", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(pages.router)
    app.add_api_route("/", _start, include_in_schema=False)
    app.add_exception_handler(AnyHTTPException, _failed)
    app.add_exception_handler(SQLAlchemyError, _register_failed)
    app.add_exception_handler(ListUnusable, _list_failed)
    app.add_middleware(BaseHTTPMiddleware, dispatch=_unexpected)
    return app


def _start(request: Request) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/today")


def _chosen(request: Request, user: GetUserDep, place: str) -> Response:
    """To this page of the one force whose pages the user may see; of several the user chooses one."""
    if place not in CHOSEN:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such page.")
    seen = [one.name for one in forces() if may(one, CHOSEN[place], user)]
    if not seen:
        needed = f"You need the permission “{CHOSEN[place]}” of a force, with its code, to see this page."
        raise HTTPException(status.HTTP_403_FORBIDDEN, needed)
    if len(seen) > 1:
        names = [(name, pages.force_name(name)) for name in seen]
        return shown(request, "forces.html", place=place, names=names)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{seen[0]}/{place}")


def _of_dag_run(request: Request, user: GetUserDep, dag_id: str, run_id: str) -> RedirectResponse:
    """To the night that a run of a force's DAG is for."""
    found = next((one.name for one in forces() if one.dag_id == dag_id), None)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such run.")
    query = urlencode({"dag_id": dag_id, "run_id": run_id})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{found}/run?{query}")


def _log_in(request: Request) -> str:
    return get_auth_manager().get_url_login(next_url=str(request.url))


async def _register_failed(request: Request, error: Exception) -> HTMLResponse:
    """What a database says of a row that it did not take may hold a value of it: only the kind of error is logged."""
    logging.getLogger(__name__).error("The register could not be read or written: %s", type(error).__name__)
    detail = "The register could not be read or written, and nothing was recorded. Try again; then tell the engineer."
    return await _failed(request, HTTPException(503, detail))


async def _list_failed(request: Request, error: Exception) -> HTMLResponse:
    return await _failed(request, HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, str(error)))


async def _unexpected(request: Request, go_on: RequestResponseEndpoint) -> Response:
    """The server would print any other error with its message, which may hold a value, and the errors inside it."""
    try:
        return await go_on(request)
    except Exception as error:
        sentence = sentence_of(error)
        logging.getLogger(__name__).error("A page failed: %s", sentence)
        return await _failed(request, HTTPException(500, sentence))


async def _failed(request: Request, error: Exception) -> HTMLResponse:
    code = error.status_code if isinstance(error, HTTPException | AnyHTTPException) else 500
    detail = DETAILS.get(code) or getattr(error, "detail", "")
    heading = HEADINGS.get(code, "This did not work")
    return shown(
        request, "failed.html", code, heading=heading, detail=detail, log_in=_log_in(request) if code == 401 else ""
    )
