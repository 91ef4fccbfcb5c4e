"""reconcile: what becomes of the tracker tonight?

Folds people's decisions, ages and what records say into the tracker, and says what changed since the night before and
what people have to answer. Pure: the same mentions, decisions and date always give the same tracker.
"""

from dataclasses import dataclass

from expectations.agreed import CASE_STATES
from expectations.plain import Row
from transforms.reconcile.actions import action_rows
from transforms.reconcile.birthday import forecast_meaning
from transforms.reconcile.changes import change_rows
from transforms.reconcile.children import Child, child_row, children, entries, fact_rows, named, spell_rows, tracker_ids
from transforms.reconcile.handover import with_answers
from transforms.reconcile.held import without_held
from transforms.reconcile.places import place_rows
from transforms.reconcile.refusals import refusal_rows
from transforms.reconcile.reviews import review_rows
from transforms.reconcile.routes import route_rows
from transforms.tables import Tables


@dataclass(frozen=True)
class Reconciled:
    """Rows of the stage's tables, each named for its contract."""

    child: list[Row]
    spell: list[Row]
    tracker_id: list[Row]
    fact: list[Row]
    place: list[Row]
    route: list[Row]
    change: list[Row]
    review: list[Row]
    refusal: list[Row]
    action: list[Row]
    forecast: list[Row]


def reconcile(tables: Tables) -> Reconciled:
    """The tracker of the night and all that belongs to it; a decision that has to be confirmed first has no effect.

    Rows in and out are those of the tables named, with the columns of their contracts; days are London's.
    """
    tables = without_held(tables)
    everyone = children(tables)
    given = named(tables, everyone)
    ids = tracker_ids(tables, given)
    rows = [child_row(tables, child, ids.get(child.person_id)) for child in everyone]
    spells = [row for child in everyone for row in spell_rows(child, ids.get(child.person_id))]
    places = [row for child in everyone for row in place_rows(tables, child)]
    reviews = review_rows(tables, everyone)
    routes = with_answers(tables, route_rows(tables.site, rows, places))
    actions = action_rows(tables, everyone, routes)
    return Reconciled(
        child=rows,
        spell=spells,
        tracker_id=entries(tables, given, rows),
        fact=[row for child in everyone for row in fact_rows(child)],
        place=places,
        route=routes,
        change=change_rows(tables, rows, spells, reviews),
        review=reviews,
        refusal=refusal_rows(tables, everyone, actions),
        action=actions,
        forecast=[row for row in (_forecast(tables, child) for child in everyone) if row],
    )


def _forecast(tables: Tables, child: Child) -> Row | None:
    if child.attains_18_on is None or child.state not in CASE_STATES:
        return None
    days = (child.attains_18_on - tables.as_of).days
    reached = [threshold for threshold in tables.site.birthday_forecast_days if days <= threshold]
    if not reached or days < 0:
        return None
    return {
        "person_id": child.person_id,
        "attains_18_on": child.attains_18_on,
        "days": days,
        "threshold": min(reached),
        "meaning": forecast_meaning(min(reached), child.settled),
    }
