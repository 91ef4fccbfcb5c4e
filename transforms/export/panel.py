"""The pack of names for a panel, circulated before it meets, so that each agency can research what it knows.

The children with their links to each other, what the panel agreed before and how it stands, and the suspected
perpetrators whom a decision shares with this panel, always apart from the children. Two sheets are filled in at the
panel: who attended, and what was agreed, in the columns of the feed that takes it in.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from expectations.feeds import FEEDS
from transforms.export.document import Sheet, text, words
from transforms.export.exporter import LAST_LIST, Drop, Exporter, Groups, in_short, in_words, name_of, since_last
from transforms.export.holdings import Operation
from transforms.export.records import SUSPECT, digest

ACTIONS = (
    *("held_on", "action", "owner_agency", "due_on", "power_used", "commissioned_support"),
    *("commissioned_cost", "barrier", "attended_by", "outcome", "closed_on"),
)
PERPETRATORS = "Suspected perpetrators"  # the sheet of them
SUSPECTS = ("given_names", "surname", "aliases", "date_of_birth", "children", "shared_by", "shared_on")
AGENDA = ("No.", "Name", "Age", "Rating", "Missing today", LAST_LIST, "Actions open", "Minutes")
TIED = ("Name", "Linked with", "By", "Where", "Closeness", "Record ref", "Record ref there")
ATTENDANCE = ("Agency", "Attended before, last on", "Present or apologies", "Name", "Role")
RETURNED_AS = "panel_outcomes"  # the feed that takes in what was agreed
NAMED = ("given_names", "surname")
RETURNED = (  # columns of the sheet that comes back: whom it is about, what is filled in, and what we fill in
    *(*NAMED, *FEEDS[RETURNED_AS].filled_in),
    *(one.name for one in FEEDS[RETURNED_AS].columns if one.name not in (*NAMED, *FEEDS[RETURNED_AS].filled_in)),
)
HOW_TO_RETURN = (
    "Write in the columns from Action to Family support; a second action for a child is a copy of its row, a child "
    "without one stays as it is. Save it as panel_outcomes_YYYYMMDD.xlsx, with the day, and return it as you get this."
)
NOT_RETURNED = "For the minutes: we learn who attended from the column Attended by of the sheet Agreed today."
OF_THE_CHILD = ("given_names", "surname", "date_of_birth", "dob_status", "gender", "postcode", "local_authority")
CHOICES = {column.name: column.values for column in FEEDS[RETURNED_AS].columns if column.values}
TO_WRITE_IN, HAND_WRITTEN = 50, 36.0  # letters across and points down
MOST_PRINTED = 30  # of the links: nobody reads the hundreds that a shared town makes
MOST_LINKS = 1_000_000  # on a sheet, of which Excel shows 1,048,576 rows; a contract may set fewer
WEAKER = (
    "The closest {most:,} of {all:,}: the {rest:,} weaker ones stand with each child on the sheet Children, or ask us."
)
TO_FILL_IN = 6  # empty rows of the attendance: who comes is not always expected
RATINGS = ("RED", "AMBER", "GREEN", None)


class Panel(Exporter):
    """A workbook with one sheet a table, and a readable sheet."""

    schema = "panel"
    part = "names"
    stays = ("panel actions",)
    needs_settings = ("panel",)
    elsewhere = ("links", "panel_actions")
    groups: ClassVar[Groups] = {
        "person": ("category",),
        "risk": (
            *("involvement", "status", "rag", "repeats", "report_count", "missing_now", "missing_count"),
            "missing",
            *("rail_count", "rail_dates", "visited_on", "toolkit_on", "nrm_status"),
        ),
        "links": ("links",),
        "education and family": ("education_status", "education_on", "family_support"),
        "panel actions": ("panel_actions",),
        "accuracy": ("accuracy",),
    }

    def sheets(self, drop: Drop) -> list[Sheet]:
        """Agenda, what is new, actions, links, suspects, what is filled in at the panel, and all facts."""
        children = [one for one in drop.disclosing if one.record.content["category"] != SUSPECT]
        suspects = [one for one in drop.disclosing if one.record.content["category"] == SUSPECT]
        heard = _agenda(children)
        agenda = [_item(number, one) for number, one in enumerate(heard, start=1)]
        named = [
            _suspect(one, {child.record.ref: name_of(child.record.content) for child in children}) for one in suspects
        ]
        perpetrators = [Sheet(PERPETRATORS, ("Record ref", *map(words, SUSPECTS)), named)] if named else []
        return [
            Sheet("Agenda", AGENDA, agenda, room=TO_WRITE_IN, least=HAND_WRITTEN),
            self.new_sheet(drop),
            *_actions(children),
            _links(children, drop.recipient.settings.get("most_links", MOST_LINKS)),
            *perpetrators,
            Sheet("Attendance", ATTENDANCE, _attendance(drop, children), least=HAND_WRITTEN, aside=NOT_RETURNED),
            self._returned([_to_fill_in(drop, one) for one in heard]),
            *self.endings(drop),
            self.facts(drop),
        ]

    def _returned(self, rows: list[list[str]]) -> Sheet:
        """What is filled in at the panel and returned, with the names in sight."""
        headings, choices = list(map(_heading, RETURNED)), {_heading(name): values for name, values in CHOICES.items()}
        named = len(NAMED)
        return Sheet("Agreed today", headings, rows, printed=0, choices=choices, aside=HOW_TO_RETURN, kept=named)


def _suspect(one: Operation, names: Mapping[str, str]) -> list[str]:
    """A suspected perpetrator, with the children whom a report or a line ties to them by name."""
    content = one.record.content
    tied = [{**tie, "ref": f"{names.get(tie['ref'], '')} {tie['ref']}".strip()} for tie in content["children"]]
    shown = {**content, "children": tied}
    return [one.record.ref, *(in_words(name, shown[name]) for name in SUSPECTS)]


def _actions(children: list[Operation]) -> list[Sheet]:
    """What the panel agreed before: first what is open, by when it is due."""
    items = [(action, one) for one in children for action in one.record.content.get("panel_actions") or ()]
    items.sort(
        key=lambda pair: (
            pair[0]["closed_on"] is not None,
            pair[0]["due_on"] or "9999",
            name_of(pair[1].record.content),
        )
    )
    rows = [
        [name_of(one.record.content), *(text(action[name]) for name in ACTIONS), one.record.ref]
        for action, one in items
    ]
    return [Sheet("Actions", ("Name", *map(words, ACTIONS), "Record ref"), rows).filled()] if rows else []


def _links(children: list[Operation], most: int) -> Sheet:
    """Who is linked with whom, the closest first; where a sheet cannot hold all, how many are left out."""
    names = {one.record.ref: name_of(one.record.content) for one in children}
    pairs = _closest(children)
    rows = [
        [
            *(names[one.record.ref], names.get(link["ref"], ""), " and ".join(map(str.lower, link["by"]))),
            *(text(link.get("venues")), text(link["closeness"]), one.record.ref, link["ref"]),
        ]
        for link, one in pairs[:most]
    ]
    left_out = WEAKER.format(most=most, all=len(pairs), rest=len(pairs) - most) if len(pairs) > most else ""
    return Sheet("Links", TIED, rows, printed=MOST_PRINTED, aside=left_out)


def _agenda(children: list[Operation]) -> list[Operation]:
    """Who is heard first: missing now, then by rating, then who is new, then by name."""
    return sorted(
        children,
        key=lambda one: (
            not one.record.content.get("is_missing") and not _is_missing(one.record.content),
            RATINGS.index(one.record.content.get("rag")),
            one.operation != "CREATE",
            name_of(one.record.content).casefold(),
        ),
    )


def _item(number: int, one: Operation) -> list[str]:
    content = one.record.content
    waiting = [item for item in content.get("panel_actions") or () if item["closed_on"] is None]
    age, rating = text(content.get("age")), text(content.get("rag"))
    return [
        *(str(number), name_of(content), age, rating, text(_is_missing(content)), _since(one)),
        *("; ".join(text(item["action"]) for item in waiting), ""),
    ]


def _since(one: Operation) -> str:
    """What is new of a child since the panel heard last, in a few words."""
    return in_short(one) or since_last(one)


def _attendance(drop: Drop, children: list[Operation]) -> list[list[str]]:
    """Who is expected: the agencies of the contract, and whoever attended before; who else comes is written in."""
    last: dict[str, str] = dict.fromkeys(drop.recipient.settings.get("agencies", ()), "")
    for item in sorted(
        (item for one in children for item in one.record.content.get("panel_actions") or ()),
        key=lambda item: item["held_on"],
    ):
        for agency in (name.strip() for name in (item["attended_by"] or "").split(";")):
            last |= {agency: item["held_on"]} if agency else {}
    return [[agency, on, "", "", ""] for agency, on in [*last.items(), *[("", "")] * TO_FILL_IN]]


def _to_fill_in(drop: Drop, one: Operation) -> list[str]:
    """A row for what the panel agrees for a child: who it is stands there, the rest is written in."""
    meeting = drop.recipient.schedule.meeting or drop.site.meeting
    held_on, panel = next(meeting.after(drop.as_of)), str(drop.recipient.settings["panel"])
    known = {name: text(one.record.content.get(name)) for name in OF_THE_CHILD}
    known |= {"outcome_ref": outcome_ref(panel, held_on, one.record.ref)}
    known |= {"panel": panel, "held_on": held_on.isoformat()}
    return [known.get(name, "") for name in RETURNED]


def outcome_ref(panel: str, held_on: date, ref: str) -> str:
    """The key of what a panel agrees for a child: digits, of which nobody takes any for a name or a date of birth."""
    return f"P-{held_on:%Y%m%d}-{int(digest(f'{panel}/{ref}'), 16) % 10**10:010d}"


def _heading(name: str) -> str:
    """A column as whoever fills it in reads it, and as it is read again; of what is for our program alone its name."""
    return name.replace("_", " ").capitalize() if name in (*NAMED, *FEEDS[RETURNED_AS].filled_in) else name


def _is_missing(content: Mapping[str, Any]) -> bool:
    return any(absence["until"] is None for absence in content.get("missing") or ())


def _closest(children: list[Operation]) -> list[tuple[dict[str, Any], Operation]]:
    """Each pair once, the closest first; of a child who is not in the file only by reference."""
    refs = {one.record.ref for one in children}
    pairs = [
        (link, one)
        for one in children
        for link in one.record.content.get("links", [])
        if link["ref"] not in refs or one.record.ref < link["ref"]
    ]
    return sorted(pairs, key=lambda pair: (-pair[0]["closeness"], pair[1].record.ref, pair[0]["ref"]))
