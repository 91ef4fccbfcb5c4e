"""Who receives what, why, and in what form?

A recipient is a YAML file in `recipients/`, or in a data home's `recipients/` folder, where a file of the same name
replaces the one given here. Adding a partner is adding a file; a file with `each` stands for several recipients that
differ in their people and place of delivery only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date, time, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from expectations.agreed import THEMES
from expectations.endings import Ending, endings_of
from expectations.feeds import SOURCES
from expectations.on_board import ON_BOARD, contract, contracts
from expectations.places import Places
from expectations.record import DEGRADATIONS, FIELDS
from expectations.settings import FORM, Unusable, laid_over, line_of, made_of, mapping_of, one_of, unlined
from expectations.site import Days, Marking, Meeting, Site, Weekday

RECIPIENTS = Path(__file__).parent / "recipients"
TEMPLATES = RECIPIENTS / "templates"
FRONT_DOOR = "mash"
EVERYWHERE = "everywhere"  # a `population.where` that is not forgotten
Keys = frozenset[tuple[str, str]]  # names of recipients, and the fingerprints of their stand-ins' keys
NO_KEYS: Keys = frozenset()
ROUTED = ("authority", "force")  # keys of `population.where` that ask who has to hear, not where the child lives


def _fingerprint(text: str) -> str:
    if not re.fullmatch("|[0-9A-Fa-f]{40}", text.replace(" ", "")):
        raise ValueError("must be the 40 hexadecimal digits of a key's fingerprint")
    return text


def _clock(given: Any) -> Any:
    """A time; YAML reads 06:00 as text and 18:30, without quotes, as 1,110 minutes."""
    return time(*divmod(given, 60)) if isinstance(given, int) and 0 <= given < 24 * 60 else given


def _exact(given: Any) -> Any:
    """Fields; one without a word of how far it is coarsened is exact, and `no` leaves out one that is inherited."""
    if not isinstance(given, dict):
        return given
    return {name: how or "exact" for name, how in given.items() if how is not False}


def _anywhere(given: Any) -> Any:
    """No narrowing, where the contract says so."""
    return {} if given == EVERYWHERE else given


def _field(text: str) -> str:
    if text not in FIELDS:
        raise ValueError(f"names {text}, and there is no field {text}")
    return text


Clock = Annotated[time, BeforeValidator(_clock)]
FieldName = Annotated[str, AfterValidator(_field)]


@dataclass(frozen=True, config=FORM)
class Agreement:
    """The information sharing agreement that a drop rests on: no valid agreement, no file."""

    reference: str
    valid_from: date
    valid_to: date


NARROWED_BY = ("local_authority", "panel", "policing_area", *ROUTED)
READ_BACK = {
    "sftp": "read again over SFTP and compared: possible with every server that lets us read",
    "sha256sum": "hashed by the command of this name in the partner's shell: only where the partner agreed to it",
    "openssl": "the same with `openssl dgst -sha256 -r`: three times as fast, by the processor's own SHA-256",
    "b2sum": "the same with BLAKE2b: faster for large files, but fewer servers have the command",
    "none": "not compared, where the partner's server lets nobody read; its receipts are then the only proof",
}


@dataclass(frozen=True, config=FORM)
class Delivery:
    """How files reach the recipient. `connection` is an Airflow Connection id, `partner_<name>` where none is given."""

    connection: str
    directory: str = "."
    encryption: Literal["openpgp", "plain"] = "openpgp"  # plain: where the agreement says so
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] = ""  # of the recipient's OpenPGP key
    window_from: Clock | None = None
    window_to: Clock | None = None
    receipts: str = ""  # the directory that acknowledgements appear in; empty: none are given
    receipt_days: Days = 1
    read_back: Annotated[str, one_of(READ_BACK)] = "sftp"  # how a file that was sent is compared
    limit_mb: Annotated[float, Field(gt=0)] | None = None  # the largest file that the partner takes


@dataclass(frozen=True, config=FORM)
class Population:
    """Which children the recipient may know of.

    `of` is `identified` (authorised intelligence names them; proposed, open or vulnerable) or `ratified` (open or
    vulnerable). `where` narrows by local_authority, panel or policing_area (where the child lives), each one value or a
    list; or by `authority` or `force`: the place that has to hear, by the night's routes; or is `everywhere`.
    `themes_any` narrows by what flags of reports say. `required` facts must be shareable.
    `ends`: of contracts of an earlier form, what becomes of a record when the child is an `adult`, `declined`,
    `removed` or `moved` elsewhere; `endings` of the contract says that now:
    ERASE, RESTRICT, or STANDS (kept as it was sent, and still corrected).
    """

    of: Literal["identified", "ratified"] = "ratified"
    where: Annotated[dict[Annotated[str, one_of(NARROWED_BY)], str | tuple[str, ...]], BeforeValidator(_anywhere)] = (
        field(default_factory=dict)
    )
    statuses: tuple[Literal["PROPOSED", "OPEN", "VULNERABLE"], ...] = ()
    themes_any: tuple[Annotated[str, one_of(THEMES)], ...] = ()  # only children with one of these
    days_to_18: Days | None = None  # only children whose 18th birthday is so near
    required: tuple[FieldName, ...] = ("surname",)
    once_referred: Literal["STAYS", "FREEZES"] = "STAYS"  # FREEZES: no new record once a child is referred
    ends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, config=FORM)
class Release:
    """What may leave at all: sources, handling codes, and the very wording of the conditions that are accepted."""

    sources: tuple[Annotated[str, one_of(SOURCES)], ...] = ("intelligence", "opening")
    handling: tuple[Literal["P", "C", "1", "2", "3", "4", "5"], ...] = ("P",)
    conditions: tuple[str, ...] = ()
    disputed_facts: Literal["held", "marked"] = "held"


@dataclass(frozen=True, config=FORM)
class Schedule:
    """When a drop is due: nightly, weekly, before_meeting or after_meeting.

    A day between two nights that was due and had no run is made up for by the next run. `digest`: the weekday on which
    people read what changed, or get their list; on other nights it is made only for what is urgent.
    """

    every: Literal["nightly", "weekly", "before_meeting", "after_meeting"] = "nightly"
    weekday: Weekday = "Monday"
    digest: Weekday | None = None
    days: Days = 0
    meeting: Meeting | None = None  # the recipient's own meeting, where it is not the force's

    def is_due(self, as_of: date, last: date | None, meeting: Meeting) -> bool:
        """True where a day after `last`, up to and with `as_of`, is one of the schedule."""
        first = last + timedelta(days=1) if last else as_of
        return any(self._is_day(as_of - timedelta(days=back), meeting) for back in range((as_of - first).days + 1))

    def is_digest(self, as_of: date, last: date | None, meeting: Meeting) -> bool:
        """True where the day on which people read what changed is one after `last`, up to and with `as_of`."""
        weekly = Schedule("weekly", self.digest or self.weekday)
        return self.digest is not None and weekly.is_due(as_of, last, meeting)

    def next_day(self, as_of: date, meeting: Meeting, *, is_list: bool) -> date:
        """The first day from `as_of` on that is one of the schedule; of a list with a digest, that of the digest."""
        is_one = self.is_digest if is_list and self.digest else self.is_due
        days = (as_of + timedelta(days=ahead) for ahead in count())
        return next(day for day in days if is_one(day, None, meeting))

    def _is_day(self, day: date, meeting: Meeting) -> bool:
        held = self.meeting or meeting
        if self.every == "weekly":
            return f"{day:%A}" == self.weekday
        if self.every == "before_meeting":
            return held.is_on(day + timedelta(days=self.days))
        if self.every == "after_meeting":
            return held.is_on(day - timedelta(days=self.days))
        return True


@dataclass(frozen=True, config=FORM)
class Recipient:
    """One recipient's contract."""

    name: str  # the file's name: mash_city
    title: str
    purpose: str
    legal_basis: str
    agreement: Agreement
    delivery: Delivery
    marking: Marking
    exporter: str = "tracker_share"  # the form of its documents
    version: str = "1.0"  # of that form; in every file
    route: Literal["partner", "police"] = "partner"  # police: may have the fields that are for police only
    content: Literal["full", "changes"] = "full"  # the whole list in every drop, or only what is new
    formats: tuple[str, ...] = ("json",)
    schedule: Schedule = field(default_factory=Schedule)
    population: Population = field(default_factory=Population)
    endings: dict[str, Ending] = field(default_factory=lambda: endings_of("list", {}))  # by why a record ends
    release: Release = field(default_factory=Release)
    fields: Annotated[dict[str, str], BeforeValidator(_exact)] = field(default_factory=dict)  # how far coarsened
    forbidden: tuple[FieldName, ...] = ()
    file: str = "{recipient}_{date}_{sequence}_{part}"
    notice_days: Days = 5  # until a correction notice must be acknowledged
    gaps: tuple[str, ...] = ()  # what no source settles, named in every manifest
    settings: dict[str, Any] = field(default_factory=dict)  # of its exporter
    written_in: str = ""  # the file that the contract stands in, by its name
    raw: Any = field(repr=False, default_factory=dict)  # the settings as written, with their lines

    @property
    def is_everywhere(self) -> bool:
        """True where the contract says in so many words that it is for children wherever they live."""
        return bool(self.raw.get("population", {}).get("where") == EVERYWHERE)

    def is_agreed(self, as_of: date) -> bool:
        """True where the agreement is valid on the day."""
        return self.agreement.valid_from <= as_of <= self.agreement.valid_to


class RecipientError(Exception):
    """A recipient's contract cannot be used; the message says where and why."""


def load(
    extra: Path | None = None, chosen: Iterable[str] | None = None, stood_in: Path | None = None
) -> dict[str, Recipient]:
    """All recipients that can be read, by name: the product's, and those of the folder `extra`.

    Files in `extra` are added, or replace the product's file of that name. `chosen` names the product's files that the
    force uses; None is all. `stood_in` is the folder of the stand-ins' keys: who has a stand-in, and no key pinned, is
    reached through it.
    """
    found = _read(extra, chosen, _stand_ins(stood_in))[0]
    return {name: found[name] for name in sorted(found)}


def broken(extra: Path | None = None, chosen: Iterable[str] | None = None) -> dict[str, str]:
    """What is wrong with each contract that cannot be read, by the name of its file: it stops its recipients alone."""
    return _read(extra, chosen)[1]


def _stand_ins(folder: Path | None) -> Keys:
    """The fingerprints of the stand-ins' keys in a folder, by the name of who is stood in for."""
    notes = folder.glob("*/fingerprint") if folder else ()
    return frozenset((note.parent.name, note.read_text(encoding="ascii").strip()) for note in notes)


def _stood_in(one: Recipient, keys: Keys) -> Recipient:
    key = dict(keys).get(one.name)
    if key is None or one.delivery.fingerprint or one.delivery.encryption == "plain":
        return one
    return replace(one, delivery=replace(one.delivery, connection=f"partner_{one.name}", fingerprint=key))


def _read(
    extra: Path | None, chosen: Iterable[str] | None, keys: Keys = NO_KEYS
) -> tuple[dict[str, Recipient], dict[str, str]]:
    """Recipients, and sentences about files that are none; such a file never gives way to the one that it replaces."""
    given = {path.stem: path for path in sorted(RECIPIENTS.glob("*.yml"))}
    wanted = set(given) if chosen is None else set(chosen)
    own = sorted(extra.glob("*.yml")) if extra is not None and extra.is_dir() else []
    found: dict[str, tuple[str, Recipient]] = {}
    wrong = {
        name: f"The site file's recipients names {name}, and the product has none of that name; it has "
        f"{', '.join(given)}."
        for name in sorted(wanted - set(given))
    }
    for path in (*(path for name, path in given.items() if name in wanted), *own):
        try:
            parsed = parse_all(path.stem, path.read_text(encoding="utf-8"), keys)
            found |= {one.name: (path.stem, one) for one in parsed}
            wrong.pop(path.stem, None)
        except (RecipientError, OSError, UnicodeDecodeError) as error:
            wrong[path.stem] = str(error) if isinstance(error, RecipientError) else f"{path} cannot be read."
    usable = {name: one for name, (file, one) in found.items() if file not in wrong and name not in wrong}
    return usable, wrong


def places_heard(recipients: Iterable[Recipient]) -> frozenset[str]:
    """The authorities and forces that a contract is for, by its population."""
    wanted = (one.population.where.get(key, ()) for one in recipients for key in ROUTED)
    return frozenset(place for given in wanted for place in values(given))


@cache
def parse_all(name: str, text: str, keys: Keys = NO_KEYS) -> tuple[Recipient, ...]:
    """The recipients of one file: itself, or those of its `each`; `keys` are those of stand-ins, by name.

    RecipientError, with each wrong key and its line, where the contract cannot be used.
    """
    try:
        made = [replace(_recipient(one, raw), written_in=name) for one, raw in _each(name, mapping_of(text))]
        return tuple(_stood_in(one, keys) for one in made)
    except Unusable as error:
        raise RecipientError(f"Contract {name}: {error}.") from None


@cache
def for_place(template: str, code: str, places: Places) -> Recipient:
    """The contract that an authority or a force would have, for a sheet that a person sends and reads."""
    return _recipient(*contract(template, code, places, {"formats": ["html"]}))


def parse(name: str, text: str) -> Recipient:
    """A recipient from its YAML text."""
    (found,) = parse_all(name, text)
    return found


def _each(name: str, raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The settings of each recipient of a file, by name."""
    if not raw:
        raise Unusable("the file is empty: write a contract, or remove the file")
    if name == ON_BOARD:
        yield from contracts(raw)
        return
    raw = _inherited(raw)
    if "each" not in raw:
        yield name, raw
        return
    each = raw.pop("each")
    if not isinstance(each, dict) or not all(isinstance(own, dict | None) for own in each.values()):
        raise Unusable("each must be a block: for each recipient its name, and what is its own")
    for one, own in each.items():
        yield str(one), laid_over(raw, own or {})


def _inherited(raw: dict[str, Any]) -> dict[str, Any]:
    """A contract laid over the one that it `inherits`: a file of the product or one of its templates, by its name."""
    if "inherits" not in raw:
        return raw
    known = {path.stem: path for folder in (RECIPIENTS, TEMPLATES) for path in folder.glob("*.yml")}
    if str(raw["inherits"]) not in known:
        at = line_of(raw, ["inherits"])
        raise Unusable(f"{at}inherits names {raw['inherits']}; what there is are {', '.join(sorted(known))}")
    common = unlined(_inherited(mapping_of(known[raw["inherits"]].read_text(encoding="utf-8"))))
    made = laid_over({key: value for key, value in common.items() if key != "each"}, raw)
    del made["inherits"]
    return made


def _recipient(name: str, raw: dict[str, Any]) -> Recipient:
    if not re.fullmatch("[a-z0-9_]+", name):
        raise Unusable(
            f"{name} is no name of a recipient: small letters, digits and _ make its files and its connection"
        )
    own = next((key for key in ("name", "written_in", "raw") if key in raw), None)
    if own:
        raise Unusable(f"{line_of(raw, [own])}there is no setting {own}")
    delivery = raw.get("delivery", {})
    connected = {"connection": f"partner_{name}", **delivery} if isinstance(delivery, dict) else delivery
    routed = {"population": _by_routes(raw.get("population", {}))} if raw.get("exporter") == FRONT_DOOR else {}
    given = {**raw, **routed, "delivery": connected, "endings": _endings(raw), "name": name, "raw": raw}
    made = made_of(Recipient, given, raw)
    wrong = _problems(made)
    if wrong:
        raise Unusable("; ".join(wrong))
    return made


_PLACEHOLDERS = {"recipient", "date", "sequence", "part"}


def _by_routes(population: Any) -> Any:
    """A front door hears of every child that its authority has to hear of, not only of those who live there."""
    where = population.get("where") if isinstance(population, dict) else None
    if not isinstance(where, dict) or "local_authority" not in where:
        return population
    others = {key: value for key, value in where.items() if key != "local_authority"}
    return {**population, "where": {"authority": where["local_authority"], **others}}


def _problems(made: Recipient) -> list[str]:
    wrong = []
    if made.agreement.valid_to < made.agreement.valid_from:
        at = line_of(made.raw, ("agreement", "valid_to"))
        wrong.append(f"{at}agreement.valid_to is before agreement.valid_from")
    for name, how in made.fields.items():
        wrong += _field_problems(made, name, how)
    if _placeholders(made.file) != _PLACEHOLDERS:
        at = line_of(made.raw, ["file"])
        wrong.append(f"{at}file must use each of {', '.join(sorted(_PLACEHOLDERS))} and nothing else")
    return wrong


def _field_problems(made: Recipient, name: str, how: str) -> list[str]:
    at = line_of(made.raw, ("fields", name))
    if name not in FIELDS:
        return [f"{at}there is no field {name}"]
    wrong = []
    if how not in DEGRADATIONS:
        wrong.append(f"{at}field {name} cannot be coarsened to {how}")
    if name in made.forbidden:
        wrong.append(f"{at}field {name} is both given and forbidden")
    if FIELDS[name].police and made.route != "police":
        wrong.append(f"{at}field {name} is for police routes only")
    return wrong


def _endings(raw: dict[str, Any]) -> dict[str, Ending]:
    population = raw.get("population", {})
    try:
        return endings_of(raw.get("endings", "list"), population.get("ends", {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unusable(str(error)) from error


def _placeholders(file: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(file) if name}
    except ValueError:
        return set()


def unmet(made: Recipient, site: Site) -> list[str]:
    """What of `population.where` no child of this force can meet, so that the recipient would hear of nobody."""
    where = made.population.where
    at = {name: line_of(made.raw, ("population", "where", name)) for name in where}
    found = [
        f"{at[name]}population.where.{name} is empty: nobody would be told of" for name in where if not where[name]
    ]
    found += [
        f"{at[name]}population.where.{name} is {one}, and the site knows {known}: nobody would be told of"
        for name, given in where.items()
        for one in values(given)
        if (known := _unknown(name, one, site))
    ]
    lives = {name: values(given) for name, given in where.items() if name not in ROUTED}
    if len(lives) > 1 and not found and not any(_fits(home, lives) for home in site.homes):
        together = " and ".join(f"{name} {', '.join(given)}" for name, given in lives.items())
        found = [f"{at[next(iter(lives))]}no child has {together} together: nobody would be told of"]
    return found


def _fits(home: Mapping[str, str], lives: Mapping[str, tuple[str, ...]]) -> bool:
    return all(home[name] in given for name, given in lives.items())


def _unknown(name: str, value: str, site: Site) -> str:
    """What the site knows in place of a value of `where`; empty where it knows that one."""
    if name == "force":
        return "" if site.places.force(value) == value else "forces by their two-character codes"
    authorities = {one.code for one in site.places.all} if name in ("authority", "local_authority") else set()
    own = {
        "panel": {one.panel for one in site.local_authorities.values() if one.panel},
        "policing_area": set(site.policing_areas),
    }.get(name, set(site.local_authorities))
    return "" if value in own | authorities else ", ".join(sorted(own)) or "none"


def values(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """One value, or a list of them, as a list."""
    return (given,) if isinstance(given, str) else given
