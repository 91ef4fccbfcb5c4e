"""How is a page of the screens made, and with which headers is it sent?"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from connectors.store.forces import ListUnusable, force_named
from expectations.site import SiteError
from night.run import site_at
from screens.access import AUDIT, NIGHTS, REVIEW, force_of, may
from transforms.report.page import environment

router = APIRouter(prefix="/static")

TEMPLATES = Path(__file__).parent / "templates"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
# What is asked of whoever goes to a place, in the order of the menu.
PLACES = (
    ("Today", "today", REVIEW),
    ("Questions", "review", REVIEW),
    ("People", "people", REVIEW),
    ("Meeting", "meeting", REVIEW),
    ("Network", "network", REVIEW),
    ("Nights", "nights", NIGHTS),
    ("Log", "audit", AUDIT),
)


@cache
def assets() -> dict[str, Path]:
    """Style sheets and the script, by a name that changes with their content."""
    found = sorted((Path(__file__).parent / "static").glob("*.*s"))
    return {f"{path.stem}.{sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}": path for path in found}


@router.get("/{name}")
def asset(name: str) -> Response:
    """A style sheet or the script; they hold nobody's data, so nobody is asked who they are."""
    if name not in assets():
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such file.")
    path = assets()[name]
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=KEPT)


def shown(request: Request, template: str, status_code: int = 200, **view: Any) -> HTMLResponse:
    """A page from its template; it loads nothing but its own style and script, and only Airflow itself may frame it."""
    user, force = getattr(request.state, "user", None), getattr(request.app.state, "force", None)
    places = [(words, path) for words, path, resource in PLACES if user and may(force_of(request), resource, user)]
    view |= {
        "force": force_name(force) if force is not None else "",
        "base": request.scope.get("root_path", ""),
        "sheets": [name for name in assets() if name.endswith(".css")],
        "scripts": [name for name in assets() if name.endswith(".js")],
        "places": places,
        "finds": ("People", "people") in places,
    }
    content = _templates().get_template(template).render(**view)
    return HTMLResponse(content, status_code, headers={**PRIVATE, "Content-Security-Policy": POLICY})


def force_name(name: str) -> str:
    """What the pages of a force are headed with: its name, or its code where its site cannot be asked."""
    try:
        force = force_named(name)
        return (force.refusal and f"Force {name}") or site_at(force.home.root / "site.yml").force_name
    except (ListUnusable, SiteError):
        return f"Force {name}".strip()


@cache
def _templates() -> Environment:
    report = environment()
    parts = [report.loader] if report.loader else []
    return report.overlay(loader=ChoiceLoader([FileSystemLoader(TEMPLATES), *parts]))
