"""What does the sergeant read in the morning?

One self-contained HTML file: what needs a person first, then what changed and why, the tracker, demand, quarantine,
deliveries and what was held back. It needs no network, no script and no mouse; a script adds the search box. On paper
stands all that cannot wait, and of the questions the first of each kind.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from expectations.plain import Row, rows_where
from transforms.pages import templates
from transforms.report import balance, charts, evidence, sent, wording
from transforms.report.contents import Contents
from transforms.report.headlines import duties, headlines
from transforms.report.links import linked
from transforms.report.needs import Needs
from transforms.report.outside import not_released
from transforms.report.questions import named, records
from transforms.report.unread import unread

OFF_TRACKER = (
    ("proposed", "Proposed, not yet ratified", "PROPOSED"),
    ("removed", "Removed", "REMOVED"),
    ("declined", "Declined", "DECLINED"),
)


LISTED = 25  # rows of each list where a force is large: the report stays one that opens anywhere
PRINTED = 20  # of what waits for an answer, so many of each kind stand on paper; the worklist and the screens have all


def page(contents: Contents) -> bytes:
    """The morning's page as HTML in UTF-8."""
    return environment().get_template("page.html").render(**_view(contents)).encode()


@cache
def environment() -> Environment:
    """The templates, with every value escaped and the words of `wording` as filters."""
    filters: dict[str, Callable[..., Any]] = {
        "anchor": wording.anchor,
        "bar_width": charts.bar_width,
        "counted": wording.counted,
        "date_of_birth": evidence.date_of_birth,
        "day": wording.day,
        "decided_value": wording.decided_value,
        "few": lambda rows, contents, most=LISTED: list(rows)[:most] if contents.is_large else rows,
        "field_label": wording.field_label,
        "iso_day": wording.iso_day,
        "label": wording.label,
        "moment": wording.moment,
        "named": named,
        "number": wording.number,
        "reason": wording.reason,
        "short_status": wording.short_status,
        "signed": wording.signed,
        "source_record": wording.source_record,
        "unread": lambda key, contents: unread(contents, [key]),
        "visible": wording.visible,
        "weekday": wording.weekday,
    }
    return templates("transforms.report", filters)


@dataclass(frozen=True)
class Asset:
    """A style sheet or script that is written into the page, and its hash for the page's Content-Security-Policy."""

    text: Markup
    source: str


@cache
def asset(name: str) -> Asset:
    """A packaged style sheet or script."""
    text = files("transforms.report").joinpath("templates", name).read_text(encoding="utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Asset(Markup(text), f"sha256-{digest}")  # noqa: S704


def _now(contents: Contents) -> dict[tuple[str, str], str]:
    """The values of the facts of people whose facts changed, by person and field."""
    changed = {row["person_id"] for row in contents.rows("change") if row["fields"]}
    rows = rows_where(contents.table("fact"), "person_id", changed)
    return {(row["person_id"], row["field"]): row["value"] for row in rows}


def _view(contents: Contents) -> dict[str, Any]:
    year, needs = balance.balance(contents), Needs(contents)
    names, on_tracker = balance.curve(contents)
    demand = balance.demand(contents)
    return {
        "contents": contents,
        "needs": needs,
        "headlines": headlines(needs),
        "duties": duties(needs),
        "printed": PRINTED,
        "records": records,
        "style": asset("style.css").text,
        "style_hash": asset("style.css").source,
        "script": asset("filter.js").text,
        "script_hash": asset("filter.js").source,
        "balance": year,
        "now": _now(contents),
        "changes": sorted(contents.rows("change"), key=lambda row: (row["kind"], row["person_id"], row["cause"])),
        "moves": balance.moves(contents, date(year.year, 1, 1)) if year else [],
        "breakdowns": balance.breakdowns(contents),
        "curve_names": names,
        "curve_values": on_tracker.values,
        "curve_chart": charts.line_chart("Children on the tracker over twelve months", names, [on_tracker]),
        "demand": demand,
        "demand_chart": charts.line_chart("Flagged reports over the year", demand.months, demand.running()),
        "spells": _spells(contents),
        "unread": unread,
        "links": linked(contents),
        "others": _off_tracker(contents),
        "quarantine": not_released(contents.rows("quarantine")),
        "released": _released_lately(contents),
        "partners": sent.partners(contents),
        "delivery_days": sent.DAYS,
        "held": sent.held_back(contents),
    }


def _spells(contents: Contents) -> dict[str, list[tuple[Row, str]]]:
    by_person: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    for spell in contents.rows("spell"):
        why = balance.why_removed(contents, spell)[0] if spell["removed_on"] else ""
        by_person[spell["person_id"]].append((spell, why))
    return by_person


def _off_tracker(contents: Contents) -> list[tuple[str, str, list[tuple[Row, str]]]]:
    sections = []
    for anchor, title, state in OFF_TRACKER:
        children = [child for child in contents.children if child["state"] == state]
        sections.append((anchor, title, [(child, _why_off(contents, child)) for child in children]))
    return sections


def _why_off(contents: Contents, child: Row) -> str:
    if child["state"] == "PROPOSED":
        return f"Proposed {wording.day(child['proposed_on'])}"
    if child["state"] == "DECLINED":
        return f"Declined {wording.day(child['declined_on'])}"
    return f"Removed {wording.day(child['removed_on'])}: {wording.label(child['removal_reason']).lower()}"


def _released_lately(contents: Contents) -> int:
    week_ago = contents.as_of - timedelta(days=7)
    return sum(1 for row in contents.rows("quarantine") if row["released_on"] and row["released_on"] > week_ago)
