"""Who receives what, why, and in what form?

A recipient is a YAML file in `recipients/`, or in a data home's `recipients/` folder, where a file of the same name
replaces the one given here. Adding a partner is adding a file; a file with `each` stands for several recipients that
differ in their people and place of delivery only.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from expectations.feeds import SOURCES
from expectations.record import DEGRADATIONS, FIELDS
from expectations.site import Meeting

RECIPIENTS = Path(__file__).parent / "recipients"


@dataclass(frozen=True)
class Agreement:
    """The information sharing agreement that a drop rests on: no valid agreement, no file."""

    reference: str
    valid_from: date
    valid_to: date


READ_BACK = {
    "sftp": "read again over SFTP and compared: possible with every server that lets us read",
    "sha256sum": "hashed by the command of this name in the partner's shell: only where the partner agreed to it",
    "openssl": "the same with `openssl dgst -sha256 -r`: three times as fast, by the processor's own SHA-256",
    "b2sum": "the same with BLAKE2b: faster for large files, but fewer servers have the command",
    "none": "not compared, where the partner's server lets nobody read; its receipts are then the only proof",
}


@dataclass(frozen=True)
class Delivery:
    """How files reach the recipient. `connection` is an Airflow Connection id, `partner_<name>` where none is given."""

    connection: str
    directory: str = "."
    encryption: str = "openpgp"  # or "plain", where the agreement says so
    fingerprint: str = ""  # of the recipient's OpenPGP key, 40 hexadecimal digits
    window_from: time | None = None
    window_to: time | None = None
    receipts: str = ""  # the directory that acknowledgements appear in; empty: none are given
    receipt_days: int = 1
    read_back: str = "sftp"  # how a file that was sent is compared: see READ_BACK
    limit_mb: float | None = None  # the largest file that the partner takes


@dataclass(frozen=True)
class Population:
    """Which children the recipient may know of.

    `of` is `identified` (authorised intelligence names them; proposed, open or vulnerable) or `ratified` (open or
    vulnerable). `where` narrows by local_authority, panel or policing_area. `required` facts must be shareable.
    `ends` says what becomes of a record when the child is an `adult`, `declined`, `removed` or `moved` elsewhere:
    ERASE, RESTRICT, or STANDS (kept as it was sent, and still corrected).
    """

    of: str = "ratified"
    where: dict[str, str] = field(default_factory=dict)
    statuses: tuple[str, ...] = ()
    required: tuple[str, ...] = ("surname",)
    once_referred: str = "STAYS"  # or FREEZES: no new record for a child who was referred already
    ends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """What may be told at all: sources, handling codes, and the very wording of the conditions that are accepted."""

    sources: tuple[str, ...] = ("intelligence", "opening")
    handling: tuple[str, ...] = ("P",)
    conditions: tuple[str, ...] = ()
    disputed_facts: str = "held"  # or "marked"


@dataclass(frozen=True)
class Schedule:
    """When a drop is due: nightly, weekly, before_meeting or after_meeting.

    A day between two nights that was due and had no run is made up for by the next run.
    """

    every: str = "nightly"
    weekday: str = "Monday"
    days: int = 0
    meeting: Meeting | None = None  # the recipient's own meeting, where it is not the force's

    def is_due(self, as_of: date, last: date | None, meeting: Meeting) -> bool:
        """True where a day after `last`, up to and with `as_of`, is one of the schedule."""
        first = last + timedelta(days=1) if last else as_of
        return any(self._is_day(as_of - timedelta(days=back), meeting) for back in range((as_of - first).days + 1))

    def _is_day(self, day: date, meeting: Meeting) -> bool:
        held = self.meeting or meeting
        if self.every == "weekly":
            return f"{day:%A}" == self.weekday
        if self.every == "before_meeting":
            return held.is_on(day + timedelta(days=self.days))
        if self.every == "after_meeting":
            return held.is_on(day - timedelta(days=self.days))
        return True


@dataclass(frozen=True)
class Recipient:
    """One recipient's contract."""

    name: str  # the file's name: mash_city
    title: str
    purpose: str
    legal_basis: str
    agreement: Agreement
    delivery: Delivery
    marking: str
    exporter: str = "tracker_share"  # the form of its documents
    version: str = "1.0"  # of that form; in every file
    route: str = "partner"  # or "police": may have the fields that are for police only
    content: str = "full"  # the whole list in every drop; "changes": only what is new or different
    formats: tuple[str, ...] = ("json",)
    schedule: Schedule = field(default_factory=Schedule)
    population: Population = field(default_factory=Population)
    release: Release = field(default_factory=Release)
    fields: dict[str, str] = field(default_factory=dict)  # name: how far it is coarsened
    forbidden: tuple[str, ...] = ()
    file: str = "{recipient}_{date}_{sequence}_{part}"
    notice_days: int = 5  # until a correction notice must be acknowledged
    gaps: tuple[str, ...] = ()  # what no source settles, said in every manifest
    settings: dict[str, Any] = field(default_factory=dict)  # of its exporter
    raw: dict[str, Any] = field(repr=False, default_factory=dict)

    def is_agreed(self, as_of: date) -> bool:
        """True where the agreement is valid on the day."""
        return self.agreement.valid_from <= as_of <= self.agreement.valid_to


class RecipientError(Exception):
    """A recipient's contract cannot be used; the message says where and why."""


def load(extra: Path | None = None) -> dict[str, Recipient]:
    """All recipients that can be read, by name; files in `extra` are added, or replace those of the same name."""
    return dict(sorted(_read(extra)[0].items()))


def broken(extra: Path | None = None) -> dict[str, str]:
    """What is wrong with each contract that cannot be read, by the name of its file: it stops its recipients alone."""
    return _read(extra)[1]


def _read(extra: Path | None) -> tuple[dict[str, Recipient], dict[str, str]]:
    """Recipients, and sentences about files that are none; such a file never gives way to the one that it replaces."""
    folders = [RECIPIENTS, *([extra] if extra is not None and extra.is_dir() else [])]
    found: dict[str, tuple[str, Recipient]] = {}
    wrong: dict[str, str] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.yml"))):
        try:
            found |= {one.name: (path.stem, one) for one in parse_all(path.stem, path.read_text(encoding="utf-8"))}
            wrong.pop(path.stem, None)
        except (RecipientError, OSError, UnicodeDecodeError) as error:
            wrong[path.stem] = str(error) if isinstance(error, RecipientError) else f"{path} cannot be read."
    usable = {name: one for name, (file, one) in found.items() if file not in wrong and name not in wrong}
    return usable, wrong


@cache
def parse_all(name: str, text: str) -> tuple[Recipient, ...]:
    """The recipients of one file: itself, or those of its `each`; RecipientError where it is no contract."""
    try:
        raw = dict(yaml.safe_load(text))
        each = raw.pop("each", None)
        if each is None:
            return (_recipient(name, raw),)
        return tuple(_recipient(one, _merged(raw, own or {})) for one, own in each.items())
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" at line {line + 1}" if line is not None else ""
        raise RecipientError(f"Contract {name}: the file is not YAML{where}.") from None
    except (TypeError, ValueError, AttributeError):
        raise RecipientError(f"Contract {name}: the file is not a contract: see those in {RECIPIENTS}.") from None


def parse(name: str, text: str) -> Recipient:
    """A recipient from its YAML text."""
    return _recipient(name, yaml.safe_load(text))


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A contract with one recipient's own values laid over the common ones, block by block."""
    merged = dict(common)
    for key, value in own.items():
        merged[key] = _merged(common.get(key, {}), value) if isinstance(value, dict) else value
    return merged


def _recipient(name: str, raw: dict[str, Any]) -> Recipient:
    given = dict(raw)
    try:
        blocks = {
            "agreement": Agreement(**given.pop("agreement")),
            "delivery": _delivery({"connection": f"partner_{name}", **given.pop("delivery", {})}),
            "schedule": _schedule(given.pop("schedule", {})),
            "population": Population(**_tupled(given.pop("population", {}))),
            "release": Release(**_tupled(given.pop("release", {}))),
            "fields": {key: value or "exact" for key, value in given.pop("fields", {}).items()},
            "settings": given.pop("settings", {}),
        }
        made = Recipient(name=name, raw=raw, **blocks, **_tupled(given))
    except (KeyError, TypeError, ValueError) as error:
        raise RecipientError(f"Contract {name}: {_plain(error)}.") from error
    wrong = _problems(made)
    if wrong:
        raise RecipientError(f"Contract {name}: {'; '.join(wrong)}.")
    return made


def _plain(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error).split("__init__() ")[-1]


def _tupled(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}


def _delivery(raw: dict[str, Any]) -> Delivery:
    """A delivery block; YAML reads 06:00 as text and 18:30, without quotes, as 1,110 minutes."""
    windows = {key: raw[key] for key in ("window_from", "window_to") if raw.get(key) is not None}
    times = {key: time(*divmod(v, 60)) if isinstance(v, int) else time.fromisoformat(v) for key, v in windows.items()}
    return Delivery(**{**raw, **times})


def _schedule(raw: dict[str, Any]) -> Schedule:
    own = raw.get("meeting")
    if own is None:
        return Schedule(**raw)
    held = Meeting(own["weekday"], int(own["week_of_month"]), tuple(own.get("dates", ())))
    return Schedule(**{**raw, "meeting": held})


_ALLOWED = {
    "route": ("partner", "police"),
    "content": ("full", "changes"),
    "delivery.read_back": tuple(READ_BACK),
    "population.of": ("identified", "ratified"),
    "population.once_referred": ("STAYS", "FREEZES"),
    "release.disputed_facts": ("held", "marked"),
    "schedule.every": ("nightly", "weekly", "before_meeting", "after_meeting"),
}
_PLACEHOLDERS = {"recipient", "date", "sequence", "part"}


def _problems(made: Recipient) -> list[str]:
    wrong = [
        f"{key} must be one of {', '.join(allowed)}"
        for key, allowed in _ALLOWED.items()
        if _at(made, key) not in allowed
    ]
    for name, how in made.fields.items():
        wrong += _field_problems(made, name, how)
    wrong += [f"release.sources: there is no source {name}" for name in made.release.sources if name not in SOURCES]
    wrong += [f"population.ends: {end} is not possible" for end in _bad_ends(made.population)]
    placeholders = {name for _, name, _, _ in Formatter().parse(made.file) if name}
    if placeholders != _PLACEHOLDERS:
        wrong.append(f"file must use each of {', '.join(sorted(_PLACEHOLDERS))} and nothing else")
    return wrong


def _field_problems(made: Recipient, name: str, how: str) -> list[str]:
    if name not in FIELDS:
        return [f"there is no field {name}"]
    wrong = []
    if how not in DEGRADATIONS:
        wrong.append(f"field {name} cannot be coarsened to {how}")
    if name in made.forbidden:
        wrong.append(f"field {name} is both given and forbidden")
    if FIELDS[name].police and made.route != "police":
        wrong.append(f"field {name} is for police routes only")
    return wrong


def _at(made: Recipient, key: str) -> Any:
    value: Any = made
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _bad_ends(population: Population) -> list[str]:
    known = {"adult", "declined", "removed", "moved"}
    return [
        f"{key}: {value}"
        for key, value in sorted(population.ends.items())
        if key not in known or value not in ("ERASE", "RESTRICT", "STANDS") or (key == "adult" and value == "STANDS")
    ]
