"""Which addresses do the screens have, and what does someone see who may not look?"""

import logging

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as AnyHTTPException

from screens import audit, deciding, meeting, network, nights, pages, people, review, today
from screens.pages import shown

HEADINGS = {401: "Please log in", 403: "You may not see this", 404: "There is nothing here"}


def screens() -> FastAPI:
    """The app of all screens, without FastAPI's own documentation pages, which would ask nobody who they are."""
    app = FastAPI(title="County Lines", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(pages.router)
    app.include_router(today.router)
    app.include_router(review.router)
    app.include_router(meeting.router)
    app.include_router(people.router)
    app.include_router(network.router)
    app.include_router(deciding.router)
    app.include_router(nights.router)
    app.include_router(audit.router)
    app.add_api_route("/", _start, include_in_schema=False)
    app.add_exception_handler(AnyHTTPException, _failed)
    app.add_exception_handler(SQLAlchemyError, _register_failed)
    return app


def _start(request: Request) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/today")


def _log_in(request: Request) -> str:
    return get_auth_manager().get_url_login(next_url=str(request.url))


async def _register_failed(request: Request, error: Exception) -> HTMLResponse:
    """What a database says of a row that it did not take may hold a value of it: only the kind of error is logged."""
    logging.getLogger(__name__).error("The register could not be read or written: %s", type(error).__name__)
    detail = "The register could not be read or written, and nothing was recorded. Try again; then tell the engineer."
    return await _failed(request, HTTPException(503, detail))


async def _failed(request: Request, error: Exception) -> HTMLResponse:
    status = error.status_code if isinstance(error, HTTPException | AnyHTTPException) else 500
    detail = getattr(error, "detail", "")
    heading = HEADINGS.get(status, "This did not work")
    return shown(
        request, "failed.html", status, heading=heading, detail=detail, log_in=_log_in(request) if status == 401 else ""
    )
