"""How is a page of the screens made, and with which headers is it sent?"""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from transforms.report.page import asset, environment

TEMPLATES = Path(__file__).parent / "templates"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}


def shown(request: Request, template: str, status_code: int = 200, **view: Any) -> HTMLResponse:
    """A page from its template; it may load nothing, and only Airflow itself may frame it."""
    style = asset("style.css")
    policy = (
        f"default-src 'none'; style-src '{style.source}'; img-src data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'"
    )
    view |= {"base": request.scope.get("root_path", ""), "style": style.text}
    content = _templates().get_template(template).render(**view)
    return HTMLResponse(content, status_code, headers={**PRIVATE, "Content-Security-Policy": policy})


@cache
def _templates() -> Environment:
    report = environment()
    parts = [report.loader] if report.loader else []
    return report.overlay(loader=ChoiceLoader([FileSystemLoader(TEMPLATES), *parts]))
