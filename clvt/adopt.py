"""How does a force begin: which site file and which contracts does its home get, before anybody has edited them?

Asks a handful of questions, each of which may be answered beforehand, and writes commented files from the national list
of authorities. What only the force can know stays a question mark, which `clvt check` lists until it is answered.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.store.paths import Home
from expectations.places import Authority, Places
from expectations.settings import DAYS, UNANSWERED

NATIONAL = ("barnardos", "btp", "missing_from_home", "pnd", "share_barnardos", "share_btp")
LOCATIONS = {"England": "england", "Wales": "wales", "Scotland": "scotland", "Northern Ireland": "northern-ireland"}


class AdoptError(Exception):
    """A force cannot be set up so; the message says why and what to do. Nothing was written."""


@dataclass(frozen=True)
class Force:
    """What is known of a force that begins: `areas` and `panels` name the authorities (by their short name) of each."""

    code: str
    name: str
    authorities: Mapping[str, Authority]  # by the short name that the site will use
    areas: Mapping[str, tuple[str, ...]]
    panels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    night_phone: str = UNANSWERED
    weekday: str = "Tuesday"
    week_of_month: int = 1


@dataclass(frozen=True)
class Question:
    """A question of `clvt adopt`: its argument, what it asks, and what stands where nobody answers."""

    name: str
    asks: str
    otherwise: str = ""
    many: bool = False  # the argument may be given several times


QUESTIONS = (
    Question("force", "Which force: its two-digit code, or its name"),
    Question(
        "area",
        "A neighbourhood policing area and its authority, as Area=Authority; several authorities by a comma",
        many=True,
    ),
    Question("panel", "A panel and the authorities whose children it hears, as Panel=Authority", many=True),
    Question("meeting", "The monthly meeting, as weekday and week of the month", "Tuesday 1"),
    Question("role", "Whom do partners ask about a record: the role", UNANSWERED),
    Question("email", "... the e-mail address", UNANSWERED),
    Question("phone", "... the telephone number, which works from any force's area: 101 does not", UNANSWERED),
    Question("night", "... by night: that of the control room, which works from anywhere, too", UNANSWERED),
)


def asked(question: Question, read: Callable[[str], str] = input) -> list[str]:
    """What somebody at the terminal answers: one line, or lines until an empty one."""
    hint = (
        f" [{question.otherwise}]"
        if question.otherwise
        else ", line by line until an empty one"
        if question.many
        else ""
    )
    found = []
    while answer := read(f"{question.asks}{hint}: ").strip():
        found.append(answer)
        if not question.many:
            break
    return found


def adopt(home: Home, answers: Mapping[str, list[str]]) -> list[Path]:
    """Write a force's first files into its home; returns them. AdoptError where it has any, or an answer is none."""
    there = [path for path in (home.root / "site.yml", home.recipients, home.runs) if path.exists()]
    if there:
        raise AdoptError(
            f"{home.root} has {there[0].name} already: nothing was written. Name a new folder with --home."
        )
    force = force_of(answers)
    files = {Path("site.yml"): _site(force)}
    files |= {Path("recipients", f"{name}.yml"): text for name, text in _recipients(force).items() if text}
    written = []
    for name, text in files.items():
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def force_of(answers: Mapping[str, list[str]]) -> Force:
    """The force that the answers describe; AdoptError where one of them means nothing."""
    places = Places()
    given = {one.name: answers.get(one.name) or ([one.otherwise] if one.otherwise else []) for one in QUESTIONS}
    named = "".join(given["force"])
    code = places.force(named)
    authorities = {_short(one.name): one for one in places.all if one.force and one.force == code}
    if not authorities:
        raise AdoptError(f"{named or 'Nothing'} is no territorial force of England or Wales by its code or name.")
    weekday, _, week = given["meeting"][0].partition(" ")
    if weekday not in DAYS or week not in ("1", "2", "3", "4"):
        raise AdoptError(
            f"{given['meeting'][0]} is no meeting: write a weekday and a week from 1 to 4, as in Tuesday 1."
        )
    listed = _named(given["area"], authorities)
    return Force(
        code=code,
        name=_police(next(iter(authorities.values())).force_name),
        authorities=authorities,
        areas=listed or {one.name: (short,) for short, one in authorities.items()},
        panels=_named(given["panel"], authorities),
        contact={name: given[name][0] for name in ("role", "email", "phone")},
        night_phone=given["night"][0],
        weekday=weekday,
        week_of_month=int(week),
    )


def _named(given: Iterable[str], authorities: Mapping[str, Authority]) -> dict[str, tuple[str, ...]]:
    """`Name=Authority,Authority` of each answer, the authorities by their short names."""
    known = {name: short for short, one in authorities.items() for name in (short, _short(one.name), one.ons)}
    found = {}
    for one in filter(None, given):
        name, _, texts = one.partition("=")
        wanted = [text.strip() for text in texts.split(",")]
        lost = next((text for text in wanted if text not in known and _short(text) not in known), None)
        if lost is not None:
            raise AdoptError(f"{one}: {lost or 'nothing'} is none of the authorities {', '.join(sorted(authorities))}.")
        found[name.strip()] = tuple(known.get(text) or known[_short(text)] for text in wanted)
    return found


def _short(name: str) -> str:
    """LEICESTER, KINGSTON_UPON_THAMES: the short name that a site uses for an authority."""
    return re.sub("[^A-Z0-9]+", "_", name.upper().replace("'", "")).strip("_")


def _police(name: str) -> str:
    stem, _, kind = name.partition(", ")
    whole = f"{kind} {stem}" if kind else stem
    return whole if "Police" in whole else f"{whole} Police"


def _text(value: str) -> str:
    """Text as YAML reads it back, whatever it is."""
    return json.dumps(value, ensure_ascii=False)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _site(force: Force) -> str:
    panel_of = {
        short: name for name, shorts in reversed(list(force.panels.items())) for short in shorts
    }  # the first named
    further = [name for name in force.panels if name not in panel_of.values()]
    authorities = "\n".join(
        f"  {short}: {{name: {_text(one.name)}, ons: {one.ons}, "
        f'phone: "", email: "", panel: {_text(panel_of.get(short, ""))}}}'
        for short, one in force.authorities.items()
    )
    areas = "\n".join(
        f"  {_text(area)}: {shorts[0] if len(shorts) == 1 else _list(shorts)}" for area, shorts in force.areas.items()
    )
    contact = "\n".join(
        f"  {name}: {_text(force.contact.get(name, UNANSWERED))}" for name in ("role", "email", "phone")
    )
    return f"""\
# {force.name}: what is particular to this force. Every other setting is the product's (expectations/site.yml),
# where each stands with its reason; write a key here to set it otherwise. `clvt check` says what is wrong, and lists
# every "?".

force_code: "{force.code}"
force_name: {_text(force.name)}
flag: COUNTY LINES                  # how the record system spells the flag; ask its administrator

# The first night whose files reach real partners. Empty: nights are made whole, and nothing leaves but to stand-ins.
live_from:

# Whom a partner asks about a record; the head of the team says who. It stands in every file that leaves.
contact:
{contact}

# Whom an officer of any force rings by night who meets a child of yours; from elsewhere 101 reaches the force there.
out_of_hours:
  role: Force control room
  phone: {_text(force.night_phone)}

# The monthly meeting that ratifies. `dates` holds the days on which the rule does not hold.
meeting:
  weekday: {force.weekday}
  week_of_month: {force.week_of_month}
  dates: []

# The children's services authorities of the force's area, by its own short names: from the national list; areas change,
# compare them. Telephone and e-mail of the front door go into NRM prefill packs; empty: the first responder finds them.
local_authorities:
{authorities}

# Neighbourhood policing areas, as the record system spells them, and whose children's services cover each: one
# authority or a list. One area an authority is a beginning; the list of the record system is what is meant.
policing_areas:
{areas}

# The area in which a home lies, by the beginning of its postcode, the longest one counting:  AB1 2: Name of the area
home_areas: {{}}

# Panels whose outcomes are taken in, beside the first one of each authority, which stands there.
panels: {_list(further)}

# Which of the product's example recipients the force has, as they are. None: each has its file in recipients/.
recipients: []
"""


def _agreement(reference: str = UNANSWERED) -> str:
    return f"""\
agreement:
  reference: "{reference}"      # of the signed information sharing agreement; the information governance team knows it
  valid_from: 2021-01-01       # its days, too: without an agreement that is valid on the night no file is made
  valid_to: 2030-12-31
"""


KEY = """\
# The partner's OpenPGP key: import it into keyring/ of this home, and pin its 40 digits here. Its SFTP server is the
# Airflow Connection partner_<name>.
# delivery: {fingerprint: ""}
"""


def _each(entries: Mapping[str, Mapping[str, str]]) -> str:
    return "each:\n" + "".join(
        f"  {name}:\n" + "".join(f"    {key}: {value}\n" for key, value in own.items()) for name, own in entries.items()
    )


def _recipients(force: Force) -> dict[str, str]:
    """Text of each recipient file by its name; empty where the force has none of the kind."""
    makers: Mapping[str, Callable[[Force], str]] = {
        "mash": _mash,
        "share": _share,
        "panel": _panels,
        "coordinator": _coordinators,
        "neighbourhood": _neighbourhoods,
        "sca": _sca,
    }
    return {name: make(force) for name, make in makers.items()} | {
        name: _inheriting(name, f"The product's contract `{name}` is taken over; write a key to have it otherwise.")
        for name in NATIONAL
    }


def _inheriting(contract: str, head: str, own: str = "") -> str:
    """The text of a recipient file that takes a contract of the product over."""
    return f"# {head}\ninherits: {contract}\n{_agreement()}{KEY}{own}"


def _hears(title: str, where: str, panel: str = "") -> dict[str, str]:
    """One of several recipients of a file: its title, of which children it hears, and the panel whose work it does."""
    settings = {"settings": f"{{panel: {_text(panel)}}}"} if panel else {}
    return {"title": _text(title), "population": f"{{where: {{{where}}}}}", **settings}


def _mash(force: Force) -> str:
    head = """\
The front door of each authority's children's services: it hears of children who live there, were placed by it or were
# found there. What is one front door's own stands below its name."""
    entries = {
        f"mash_{short.lower()}": _hears(f"Multi-Agency Safeguarding Hub, {one.name}", f"authority: {short}")
        for short, one in force.authorities.items()
    }
    return _inheriting("mash", head, _each(entries))


def _share(force: Force) -> str:
    head = "The tracker as each authority may have it, after each monthly meeting: ratified entries only."
    entries = {
        f"share_{short.lower()}": _hears(f"{one.name}: tracker share", f"local_authority: {short}")
        for short, one in force.authorities.items()
    }
    return _inheriting("share", head, _each(entries))


def _panels(force: Force) -> str:
    if not force.panels:
        return ""
    head = "Names for each panel, before it meets: `schedule.meeting` is its own, the force's where none is given."
    entries = {
        f"panel_{_short(name).lower()}": _hears(f"Panel {name}", f"local_authority: {_list(shorts)}", name)
        for name, shorts in force.panels.items()
    }
    return _inheriting("panel", head, _each(entries))


def _coordinators(force: Force) -> str:
    if not force.panels:
        return ""
    head = "The list of whoever coordinates the work on child criminal exploitation for each authority."
    entries = {
        f"cce_{short.lower()}": _hears(
            f"Child criminal exploitation coordinator, {one.name}", f"local_authority: {short}", panel
        )
        for short, one in force.authorities.items()
        for panel in [name for name, shorts in force.panels.items() if short in shorts][:1]
    }
    return _inheriting("coordinator", head, _each(entries))


def _neighbourhoods(force: Force) -> str:
    head = "The children of each neighbourhood policing area, for its own meeting. One recipient an area."
    entries = {
        f"neighbourhood_{_short(area).lower()}": _hears(
            f"{area}: neighbourhood meeting", f"policing_area: {_text(area)}"
        )
        for area in force.areas
    }
    return _inheriting("neighbourhood_area", head, _each(entries))


def _sca(force: Force) -> str:
    country = next(iter(force.authorities.values())).country
    head = "Prefill packs for the National Referral Mechanism, for the force's own first responders."
    form = f"""\
settings:
  form:
    location: {LOCATIONS[country]}
    region: ""                 # as the form's list names it; empty: the first responder chooses it
"""
    return _inheriting("sca", head, form)
