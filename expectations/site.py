"""What is particular to this force?

Reads `site.yml` and the overriding file of a data home. Legal choices that no source settles are values here, with the
reason beside them in the file.
"""

import csv
from calendar import day_name
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from expectations.places import Own, Places

DEFAULT = Path(__file__).parent / "site.yml"
AUTHORITIES = "authorities.csv"  # beside an overriding site file


@dataclass(frozen=True)
class LocalAuthority:
    """A children's services authority of the force's own area: its front door, and the panel that hears its children.

    `code` is the force's own name for it; `ons` its code in the national list, where its name does not tell.
    """

    code: str
    name: str
    phone: str = ""
    email: str = ""
    panel: str = ""
    ons: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """When the monthly meeting is held."""

    weekday: str
    week_of_month: int
    dates: tuple[date, ...]

    def after(self, day: date) -> Iterator[date]:
        """Meetings on or after a day, without end."""
        year, month = day.year, day.month
        while True:
            held = self._in(year, month)
            if held >= day:
                yield held
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)

    def before(self, day: date) -> date:
        """The last meeting before a day."""
        return max(held for held in self._around(day) if held < day)

    def is_on(self, day: date) -> bool:
        """True on a day of a meeting."""
        return self._in(day.year, day.month) == day

    def _around(self, day: date) -> Iterator[date]:
        for back in range(4):
            first = (day.replace(day=1) - timedelta(days=28 * back)).replace(day=1)
            yield self._in(first.year, first.month)

    def _in(self, year: int, month: int) -> date:
        for chosen in self.dates:
            if (chosen.year, chosen.month) == (year, month):
                return chosen
        first = date(year, month, 1)
        offset = (list(day_name).index(self.weekday) - first.weekday()) % 7
        return first + timedelta(days=offset + 7 * (self.week_of_month - 1))


@dataclass(frozen=True)
class Approval:
    """An originator's word that a report sanitised S2 may be told: this version of it, to these recipients."""

    report: str  # its report_ref
    version: int
    recipients: tuple[str, ...]
    approved_on: date
    reference: str  # under which the approval itself is kept


@dataclass(frozen=True)
class Limit:
    """How much of something passes unasked: the largest of `least`, a `share` of what there is, `times` the usual."""

    least: int
    share: float
    times: float


@dataclass(frozen=True)
class Site:
    """A force's own settings; see `site.yml` for what each means and why."""

    force_code: str
    force_name: str
    flag: str
    markings: tuple[str, ...]
    timezone: str
    leap_day_birthday: str
    ages_out_by_itself: tuple[str, ...]
    grades_that_do_not_propose: dict[str, str]
    birthday_forecast_days: tuple[int, ...]
    sca_action_owner: str
    sca_action_days: int
    reports_per_night: float
    outbox_days: int
    meeting: Meeting
    policing_areas: dict[str, str | tuple[str, ...]]
    local_authorities: dict[str, LocalAuthority]
    home_areas: dict[str, str]
    panels: tuple[str, ...]
    force_codes: dict[str, str]
    contact: dict[str, str]
    review_group: str
    review_years: int
    originator_approvals: tuple[Approval, ...]
    brakes: dict[str, Limit]
    confirmed_by_another: bool
    night_due_hours: float
    live_from: date | None = None
    source_timezone: str = ""
    absent_columns: tuple[str, ...] = ()
    shrinking_accepted_on: tuple[date, ...] = ()
    authorities_listed: tuple[dict[str, str], ...] | None = field(
        default=None, repr=False
    )  # replaces the product's list

    @cached_property
    def places(self) -> Places:
        """Every authority and force of the country, by this force's names for its own."""
        own = (Own(one.code, one.name, one.ons, one.synonyms) for one in self.local_authorities.values())
        return Places(own, self.force_code, self.force_name, self.force_codes, self.authorities_listed)

    def area(self, text: str | None) -> str | None:
        """The neighbourhood policing area of this name, whatever the case; None where it is none of the force's."""
        written = " ".join((text or "").split()).casefold()
        return next((area for area in self.policing_areas if area.casefold() == written), None)

    def area_of_postcode(self, postcode: str | None) -> str | None:
        """The area in which a postcode lies, by the longest beginning of it that the site gives; None where none is."""
        compared = (postcode or "").replace(" ", "").upper()
        found = [start for start in self.home_areas if compared.startswith(start.replace(" ", "").upper())]
        return self.home_areas[max(found, key=len)] if found else None

    def authority_of_area(self, area: str | None) -> str | None:
        """The authority whose children live in a neighbourhood area; None where there are several, or none is known."""
        given = self.policing_areas.get(area or "", ())
        found = [self.places.authority(name) for name in ((given,) if isinstance(given, str) else given)]
        return found[0].code if len(found) == 1 and found[0] else None

    @cached_property
    def all_panels(self) -> frozenset[str]:
        """Every panel whose outcomes are taken in: those that hear an authority's children, and the further ones."""
        return frozenset((*self.panels, *(one.panel for one in self.local_authorities.values() if one.panel)))


class SiteError(Exception):
    """A site file cannot be used."""


def load(override: Path | None = None) -> Site:
    """The site's settings: the default file, with the keys of an overriding file where there is one."""
    raw: dict[str, Any] = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    if override is not None and override.is_file():
        mine = yaml.safe_load(override.read_text(encoding="utf-8")) or {}
        unknown = sorted(set(mine) - set(raw))
        if unknown:
            raise SiteError(f"{override}: no such setting: {', '.join(unknown)}. Known are: {', '.join(sorted(raw))}.")
        raw |= {**mine, "brakes": {**raw["brakes"], **mine.get("brakes", {})}}
    raw["brakes"] = {name: _limit(name, given) for name, given in raw["brakes"].items()}
    meeting = raw["meeting"]
    dates = tuple(d if isinstance(d, date) else date.fromisoformat(d) for d in meeting["dates"])
    raw["meeting"] = Meeting(meeting["weekday"], int(meeting["week_of_month"]), dates)
    raw["local_authorities"] = {
        code: LocalAuthority(code=code, **{**given, "synonyms": tuple(given.get("synonyms", ()))})
        for code, given in raw["local_authorities"].items()
    }
    if not isinstance(raw["live_from"], date | None):
        raise SiteError("live_from is a date such as 2026-12-01, or empty.")
    raw["originator_approvals"] = tuple(map(_approval, raw["originator_approvals"]))
    raw["policing_areas"] = {
        area: tuple(whose) if isinstance(whose, list) else whose for area, whose in raw["policing_areas"].items()
    }
    for name in (
        "markings",
        "ages_out_by_itself",
        "birthday_forecast_days",
        "panels",
        "absent_columns",
        "shrinking_accepted_on",
    ):
        raw[name] = tuple(raw[name])
    return Site(**raw, authorities_listed=_listed(override.parent if override else None))


def _listed(home: Path | None) -> tuple[dict[str, str], ...] | None:
    """The home's own list of authorities, in the form of the product's; None where it has none."""
    path = home / AUTHORITIES if home else None
    if path is None or not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    rows = tuple(csv.DictReader(line for line in lines if not line.startswith("#")))
    needed = {"code", "name", "country", "region", "force_code", "force"}
    if not rows or needed - set(rows[0]):
        raise SiteError(f"{path}: it needs the columns {', '.join(sorted(needed))}.")
    return rows


def _limit(name: str, given: dict[str, Any]) -> Limit:
    if set(given) != {"least", "share", "times"}:
        raise SiteError(f"brakes: {name} needs least, share and times, and nothing else.")
    return Limit(int(given["least"]), float(given["share"]), float(given["times"]))


def _approval(given: dict[str, Any]) -> Approval:
    try:
        made = Approval(**{**given, "recipients": tuple(given["recipients"])})
    except (KeyError, TypeError):
        needed = ", ".join(field.name for field in fields(Approval))
        raise SiteError(f"originator_approvals: each needs {needed}, and nothing else.") from None
    if not isinstance(made.approved_on, date) or not isinstance(made.version, int):
        raise SiteError("originator_approvals: approved_on is a date such as 2022-05-03, version a whole number.")
    return made
