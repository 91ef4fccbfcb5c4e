"""What does the first screen say?

One line for each kind of thing that needs a person: how many there are, and the most pressing of them in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.clocks import CLOCKS
from expectations.plain import Row, grouped
from transforms.report import wording
from transforms.report.needs import Due, Needs
from transforms.report.questions import named

NAMED = 3


@dataclass(frozen=True)
class Headline:
    """A kind of thing that needs a person: where it stands on the page, its title, how many, and what presses most."""

    anchor: str
    title: str
    count: int
    pressing: str


def headlines(needs: Needs) -> list[Headline]:
    """The kinds of which there are any, in the order of harm and of the page: a child in danger, whoever has not heard
    of one, what was decided and not done, then what can wait for the meeting or for a partner.
    """
    kinds: tuple[tuple[str, str, Sequence[Any], Callable[[Needs], str]], ...] = (
        ("deaths", "Died: whom to ring", needs.deaths, _deaths),
        ("missing", "Missing now", needs.missing, _missing),
        ("news", "Told by others", needs.news, lambda n: n.news[0].says),
        ("held", "Held until a person confirms", needs.held, _held),
        ("not-reached", "Partners not reached", needs.not_reached, _not_reached),
        ("to-tell", "Authorities and forces to be told by hand", needs.to_tell, _to_tell),
        ("unheard", "Children of whom an authority hears nothing", needs.unheard, _unheard),
        ("unanswered", "Referrals without an answer", needs.unanswered, _unanswered),
        ("moved-away", "Moved away: where to?", needs.moved_away, lambda n: _due(n.moved_away)),
        ("refusals", "Decisions refused", needs.refusals, _refused),
        ("actions", "SCA referrals to action", needs.referrals, lambda n: _due(n.referrals)),
        ("birthdays", "18th birthdays ahead", needs.birthdays, _birthdays),
        ("cases", "New cases to ratify", needs.cases, _new),
        ("pairs", "Same person, or two people?", needs.pairs, lambda n: _oldest(pair.review for pair in n.pairs)),
        ("ages", "Ages to settle", needs.ages, lambda n: _oldest(item.review for item in n.ages)),
        ("others", "Other questions", needs.others, lambda n: _oldest(item.review for item in n.others)),
        ("panel-actions", "Panel actions not done", needs.panel_actions, lambda n: _due(n.panel_actions)),
        ("overdue", "Acknowledgements overdue", needs.overdue, lambda n: _partners(n, n.overdue)),
        ("receipts", "Acknowledgements that are wrong", needs.wrong_receipts, lambda n: _partners(n, n.wrong_receipts)),
        ("warnings", "Checks that did not pass", needs.warnings, lambda n: str(n.warnings[0]["sentence"])),
    )
    return [Headline(anchor, title, len(found), pressing(needs)) for anchor, title, found, pressing in kinds if found]


def duties(needs: Needs) -> list[Headline]:
    """Clocks that are overdue and are not among these kinds, one line a clock."""
    late = grouped(needs.duties, lambda row: row["clock"])
    return [Headline(name, CLOCKS[name].label, len(rows), _longest(needs, rows)) for name, rows in late.items()]


def _longest(needs: Needs, rows: list[Row]) -> str:
    first = min(rows, key=lambda row: (row["due"], row["person_id"]))
    child = needs.contents.child.get(first["person_id"], first)
    return f"the longest since {wording.day(first['due'])}: {_name(child)}"


def _missing(needs: Needs) -> str:
    return _listed(
        [f"{_name(one.child)}, since {wording.moment(one.episode['missing_from'])}" for one in needs.missing]
    )


def _held(needs: Needs) -> str:
    night = needs.contents.held_night
    return f"the night itself, and nothing has left: {night['why']}" if night else str(needs.held[0].review["why"])


def _to_tell(needs: Needs) -> str:
    return _children(needs.to_tell)


def _unheard(needs: Needs) -> str:
    return f"{_children(needs.unheard)}, each with the reason"


def _children(found: list[Due]) -> str:
    return wording.counted(len({due.action["person_id"] for due in found}), "child", "children")


def _unanswered(needs: Needs) -> str:
    return _listed(
        [f"{one.whom}: {wording.counted(len(one.children), 'child', 'children')}" for one in needs.unanswered]
    )


def _deaths(needs: Needs) -> str:
    return _listed(
        [f"{_name(one.child)}: {wording.counted(len(one.calls), 'partner')} to ring" for one in needs.deaths]
    )


def _not_reached(needs: Needs) -> str:
    return _listed([partner.title for partner in needs.not_reached])


def _new(needs: Needs) -> str:
    new = {row["person_id"] for row in needs.contents.rows("change") if row["kind"] == "PROPOSED"}
    names = [_name(case.child) for case in needs.cases if case.child.get("person_id") in new]
    meeting = f"for the meeting on {wording.day(needs.contents.next_meeting)}"
    return f"{meeting}; new tonight: {_listed(names)}" if names else f"{meeting}; none is new tonight"


def _birthdays(needs: Needs) -> str:
    first = needs.birthdays[0]
    before = sum(1 for birthday in needs.birthdays if birthday.before_meeting)
    on = f"next on {wording.day(first.forecast['attains_18_on'])}: {_name(first.child)}"
    return f"{on}; {before or 'none'} before the next meeting"


def _due(found: list[Due]) -> str:
    late = sum(1 for due in found if due.overdue)
    first = found[0].action["due_on"]
    if late:
        return f"{late} overdue, the longest since {wording.day(first)}"
    return f"the next is due on {wording.day(first)}" if first else "none has a date"


def _refused(needs: Needs) -> str:
    latest = needs.refusals[0].refusal
    return f"the last of {wording.day(latest['decided_at'])}: {latest['reason']}"


def _partners(needs: Needs, rows: list[Row]) -> str:
    titles = {needs.contents.recipient_title(row["recipient"]) for row in rows}
    return _listed(sorted(titles))


def _oldest(asked: Any) -> str:
    return f"the oldest asked on {wording.day(min(row['asked_on'] for row in asked))}"


def _name(child: Row) -> str:
    return named(child) or child.get("tracker_id") or child.get("person_id") or "name not known"


def _listed(names: list[str]) -> str:
    return "; ".join(wording.shortened(names, NAMED))
