"""What is particular to this force?

Reads `site.yml` and the overriding file of a data home. Legal choices that no source settles are values here, with the
reason beside them in the file.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from expectations.agreed import GRADES, THEMES
from expectations.places import Own, Places
from expectations.settings import DAYS, FORM, Unusable, expression, line_of, made_of, one_of, settings_of

DEFAULT = Path(__file__).parent / "site.yml"
AUTHORITIES = "authorities.csv"  # beside an overriding site file

Weekday = Annotated[str, one_of(DAYS)]
MARKINGS = ("OFFICIAL", "OFFICIAL-SENSITIVE")  # the lower first
Marking = Annotated[str, one_of(MARKINGS)]
# What no force may take over from the example's: another force's children would be told to the wrong people.
OWN = ("force_name", "contact", "meeting", "local_authorities", "policing_areas", "panels", "recipients")
LONDON = ZoneInfo("Europe/London")  # the time of the law


def midnight(day: date, zone: ZoneInfo = LONDON) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), zone)


Days = Annotated[int, Field(ge=0)]


def force_code(text: str) -> str:
    """A force's code; ValueError where it is none."""
    if not re.fullmatch("[0-9]{2}", text):
        raise ValueError('must be two digits in quotes, such as "05"')
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise ValueError("must be the name of a time zone such as Europe/London") from None
    return text


def _source_timezone(text: str) -> str:
    return _timezone(text) if text else ""


def _named_by_key(given: Any) -> Any:
    """Authorities with their key as their code; a list of synonyms may be one word."""
    if not isinstance(given, dict):
        return given
    return {code: {"code": code, **own} if isinstance(own, dict) else own for code, own in given.items()}


class Contact(TypedDict):
    """Whom a partner asks about a record."""

    __pydantic_config__ = FORM  # type: ignore[misc]

    role: str
    email: str
    phone: str


class OutOfHours(TypedDict):
    """Whom an officer of any force rings by night."""

    __pydantic_config__ = FORM  # type: ignore[misc]

    role: str
    phone: str


@dataclass(frozen=True, config=FORM)
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


@dataclass(frozen=True, config=FORM)
class Meeting:
    """When the monthly meeting is held."""

    weekday: Weekday
    week_of_month: Annotated[int, Field(ge=1, le=4)]
    dates: tuple[date, ...] = ()

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
        offset = (DAYS.index(self.weekday) - first.weekday()) % 7
        return first + timedelta(days=offset + 7 * (self.week_of_month - 1))


@dataclass(frozen=True, config=FORM)
class Approval:
    """An originator's word that a report sanitised S2 may be disclosed: this version of it, to these recipients."""

    report: str  # its report_ref
    version: int
    recipients: tuple[str, ...]
    approved_on: date
    reference: str  # under which the approval itself is kept


@dataclass(frozen=True, config=FORM)
class Limit:
    """How much of something passes unasked: the largest of `least`, a `share` of what there is, `times` the usual."""

    least: Days
    share: Annotated[float, Field(ge=0)]
    times: Annotated[float, Field(ge=0)]


@dataclass(frozen=True, config=FORM)
class Site:
    """A force's own settings; see `site.yml` for what each means and why."""

    force_code: Annotated[str, AfterValidator(force_code)]
    force_name: str
    flag: str
    themes: dict[Annotated[str, one_of(THEMES)], tuple[str, ...]]
    markings: Annotated[tuple[Marking, ...], Field(min_length=1)]
    timezone: Annotated[str, AfterValidator(_timezone)]
    leap_day_birthday: Literal["03-01", "02-28"]
    ages_out_by_itself: tuple[Literal["VERIFIED", "STATED", "ESTIMATED", "UNKNOWN"], ...]
    grades_that_do_not_propose: dict[Annotated[str, one_of(GRADES)], Annotated[str, AfterValidator(expression)]]
    birthday_forecast_days: tuple[Days, ...]
    sca_action_owner: str
    sca_action_days: Days
    reports_per_night: Annotated[float, Field(ge=0)]
    outbox_days: Days
    nights_whole_days: Days
    month_ends_days: Days
    pages_days: Days
    meeting: Meeting
    policing_areas: dict[str, str | tuple[str, ...]]
    local_authorities: Annotated[dict[str, LocalAuthority], BeforeValidator(_named_by_key)]
    home_areas: dict[str, str]
    panels: tuple[str, ...]
    force_codes: dict[str, str]
    recipients: tuple[str, ...]
    contact: Contact
    out_of_hours: OutOfHours
    review_group: str
    review_years: Days
    originator_approvals: tuple[Approval, ...]
    brakes: dict[str, Limit]
    confirmed_by_another: bool
    night_due_hours: Annotated[float, Field(gt=0)]
    live_from: date | None = None
    source_timezone: Annotated[str, AfterValidator(_source_timezone)] = ""
    absent_columns: tuple[str, ...] = ()
    shrinking_accepted_on: tuple[date, ...] = ()
    authorities_listed: tuple[dict[str, str], ...] | None = field(  # replaces the product's list
        default=None, repr=False
    )

    @cached_property
    def places(self) -> Places:
        """Every authority and force of the country, by this force's names for its own."""
        own = (Own(one.code, one.name, one.ons, one.synonyms) for one in self.local_authorities.values())
        return Places(own, self.force_code, self.force_name, self.force_codes, self.authorities_listed)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time where the force is."""
        return ZoneInfo(self.timezone)

    def local_day(self, moment: datetime) -> date:
        """The day of a moment where the force is."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The first moment of a day where the force is."""
        return midnight(day, self.zone)

    @cached_property
    def nation(self) -> Places:
        """The national list, without this force's own names."""
        return Places(force_codes=self.force_codes, listed=self.authorities_listed)

    @cached_property
    def theme_of(self) -> dict[str, str]:
        """The theme that each flag of a report stands for, by the flag in small letters."""
        return {flag.casefold(): theme for theme, flags in self.themes.items() for flag in flags}

    def area(self, text: str | None) -> str | None:
        """The neighbourhood policing area of this name, whatever the case; None where it is none of the force's."""
        written = " ".join((text or "").split()).casefold()
        return next((area for area in self.policing_areas if area.casefold() == written), None)

    def area_of_postcode(self, postcode: str | None) -> str | None:
        """The area in which a postcode lies, by the longest beginning of it that the site gives; None where none is."""
        found = [start for start in self.home_areas if _begins(postcode or "", start)]
        return self.home_areas[max(found, key=len)] if found else None

    def authority_of_area(self, area: str | None) -> str | None:
        """The authority whose children live in a neighbourhood area; None where there are several, or none is known."""
        given = self.policing_areas.get(area or "", ())
        found = [self.places.authority(name) for name in ((given,) if isinstance(given, str) else given)]
        return found[0].code if len(found) == 1 and found[0] else None

    @cached_property
    def homes(self) -> tuple[dict[str, str], ...]:
        """Where a child of the force may live: each authority with its panel, in each of its areas and in none."""
        areas = {one.code: [""] for one in self.local_authorities.values()}
        for area, given in self.policing_areas.items():
            for name in (given,) if isinstance(given, str) else given:
                found = self.places.authority(name)
                areas.setdefault(found.code if found else name, [""]).append(area)
        panels = {one.code: one.panel for one in self.local_authorities.values()}
        return tuple(
            {"local_authority": code, "panel": panels.get(code, ""), "policing_area": area}
            for code, named in areas.items()
            for area in named
        )

    @cached_property
    def all_panels(self) -> frozenset[str]:
        """Every panel whose outcomes are taken in: those that hear an authority's children, and the further ones."""
        return frozenset((*self.panels, *(one.panel for one in self.local_authorities.values() if one.panel)))


def _begins(postcode: str, start: str) -> bool:
    """True of NG7 2AB by NG7, NG7 2 and NG7 2AB; NG7 is not the beginning of NG71 1AA."""
    return postcode.startswith(start if " " in start else f"{start} ")


class SiteError(Exception):
    """A site file cannot be used."""


def load(override: Path | None = None) -> Site:
    """The site's settings: the default file, with the keys of an overriding file where there is one.

    SiteError, with each wrong key and its line, where they cannot be used.
    """
    place = override if override is not None and override.is_file() else DEFAULT
    listed = _listed(override.parent if override else None)
    try:
        written = settings_of(place)
        made = made_of(Site, _laid_over(settings_of(DEFAULT), written), written)
        site = replace(made, authorities_listed=listed)
        if nobodys := _areas_of_nobody(site, written):
            raise Unusable("; ".join(nobodys))
    except Unusable as error:
        raise SiteError(f"{place}: {error}.") from None
    return site


def _laid_over(raw: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The default settings with a force's own in their place; of the brakes, one by one."""
    code, example = own.get("force_code"), raw["force_code"]
    lent = [name for name in OWN if name not in own]
    if lent and isinstance(code, str) and code.isdigit() and code != example:
        raise Unusable(
            f"{line_of(own, ['force_code'])}the force is {code}, and it lacks {', '.join(lent)}, which would be those "
            f"of force {example}, the example: give the force's own"
        )
    if "authorities_listed" in own:
        raise Unusable("there is no setting authorities_listed: the list is a file, authorities.csv")
    brakes = own.get("brakes", {})
    if isinstance(brakes, dict):
        if unknown := sorted(set(brakes) - set(raw["brakes"]), key=str):
            raise Unusable(f"there is no setting brakes.{unknown[0]}; known are {', '.join(raw['brakes'])}")
        own = {**own, "brakes": {**raw["brakes"], **brakes}}
    return raw | own


def _areas_of_nobody(site: Site, written: Mapping[str, Any]) -> list[str]:
    """Neighbourhood areas of an authority that does not exist, and homes in an area that does not."""
    own = ", ".join(site.local_authorities)
    homes = [
        line_of(written, ("home_areas", start)) + f"home_areas.{start} names {area}, which is none of policing_areas"
        for start, area in site.home_areas.items()
        if area not in site.policing_areas
    ]
    return homes + [
        line_of(written, ("policing_areas", area))
        + f"policing_areas.{area} names {name}, which is none of local_authorities ({own}) nor of the national list"
        for area, given in site.policing_areas.items()
        for name in ((given,) if isinstance(given, str) else given)
        if site.places.authority(name) is None
    ]


def _listed(home: Path | None) -> tuple[dict[str, str], ...] | None:
    """The home's own list of authorities, in the form of the product's; None where it has none."""
    path = home / AUTHORITIES if home else None
    if path is None or not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SiteError(f"{path}: this is no text in UTF-8.") from None
    rows = tuple(csv.DictReader(line for line in lines if not line.startswith("#")))
    needed = {"code", "name", "country", "region", "force_code", "force"}
    if not rows or needed - set(rows[0]):
        raise SiteError(f"{path}: it needs the columns {', '.join(sorted(needed))}.")
    return rows
