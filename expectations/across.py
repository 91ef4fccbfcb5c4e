"""What must hold between tables, and between tonight and the night before?

Each rule reads several tables and yields claims: every mention belongs to one person, nobody ages out on a date that
does not settle it, the tracker opens with what the night before closed with. The gate asks a rule wherever all the
tables that it reads are there.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date

from expectations.agreed import ON_TRACKER
from expectations.claims import WARNING, Claims, Rows, Rule, equal, met
from expectations.site import Site

MAJORITY = 18


@dataclass(frozen=True)
class Night:
    """What a rule may read: tonight's rows by table, the date, the site, and the children of the night before."""

    rows: dict[str, Rows]
    as_of: date
    site: Site
    before: Rows | None = None


def claims(night: Night) -> Iterator[Claims]:
    """The claims of every rule whose tables are there."""
    for needs, rule in RULES:
        if all(name in night.rows for name in needs):
            yield from rule(night)


def birthday(born: date, years: int, leap_day: str) -> date:
    """The day on which an age is attained, from its first minute (Family Law Reform Act 1969 s.9).

    `leap_day` is the day, as MM-DD, that stands for 29 February in a year that has none. The gate works it out for
    itself: it would prove nothing by asking the stage that it checks.
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        month, day = map(int, leap_day.split("-"))
        return date(born.year + years, month, day)


def age_on(day: date, born: date, leap_day: str) -> int:
    """Whole years attained; 0 before the first birthday."""
    years = day.year - born.year
    return max(0, years if birthday(born, years, leap_day) <= day else years - 1)


def _mentions_are_accepted(night: Night) -> Iterator[Claims]:
    accepted = night.rows["mention"]["mention_key"]
    for table in ("person", "fact", "action", "review"):
        yield from _refers(night, table, "mention_key", accepted, "a mention that was accepted")
    yield from _refers(night, "review", "other_mention_key", accepted, "a mention that was accepted")


def _every_mention_has_a_person(night: Night) -> Iterator[Claims]:
    rule = Rule("mention", "mention_key.has_person", "equal", "Every accepted mention belongs to a person.")
    held = set(night.rows["person"]["mention_key"])
    yield met(rule, ((key, key in held) for key in night.rows["mention"]["mention_key"]))


def _person_ids_stand(night: Night) -> Iterator[Claims]:
    ids = night.rows["person_id"]
    current = (person for person, merged_into in ids.of("person_id", "merged_into") if merged_into is None)
    yield from _refers(night, "person", "person_id", current, "an id that was minted and not merged away")
    yield from _refers(night, "person_id", "merged_into", ids["person_id"], "a minted id")


def _childrens_mentions_are_their_own(night: Night) -> Iterator[Claims]:
    """One child's intelligence on another child's record is the worst that can happen here."""
    sentence = "A child's mentions belong, by tonight's linkage, to this child and nobody else."
    rule = Rule("child", "mention_keys.own", "equal", sentence)
    holder = dict(night.rows["person"].of("mention_key", "person_id"))
    held = night.rows["child"].of("person_id", "mention_keys")
    yield met(rule, ((child, all(holder.get(key) == child for key in keys or ())) for child, keys in held))


def _rows_are_of_a_child(night: Night) -> Iterator[Claims]:
    for table in ("fact", "action", "forecast", "spell"):
        yield from _refers(night, table, "person_id", night.rows["child"]["person_id"], "a child of tonight")


def _changes_are_of_the_night(night: Night) -> Iterator[Claims]:
    change = night.rows["change"]
    rule = Rule("change", "noticed_on.tonight", "equal", "A change is noticed on the night that reports it.")
    yield equal(rule, ((key, day, night.as_of) for key, day in zip(change.keys, change["noticed_on"], strict=True)))
    yield from _refers(night, "change", "person_id", night.rows["person_id"]["person_id"], "a minted id")


def _nothing_is_from_the_future(night: Night) -> Iterator[Claims]:
    """The night of D knows what was stamped before D 00:00 local time, and nothing else."""
    midnight = night.site.midnight(night.as_of).astimezone(UTC)  # as all stamps are: of two zones Python asks both
    for table, column in (("mention", "stamp"), ("report", "updated_at"), ("decision", "decided_at")):
        if table in night.rows:
            rows = night.rows[table]
            sentence = f"{column} of {table} lies before {night.as_of} 00:00 {night.site.timezone}."
            rule = Rule(table, f"{column}.before_cut_off", "equal", sentence)
            there = zip(rows.keys, rows[column], strict=True)
            yield met(rule, ((key, stamp < midnight) for key, stamp in there if stamp is not None))


def _birthdays_are_right(night: Night) -> Iterator[Claims]:
    leap = night.site.leap_day_birthday
    dated = night.rows["child"].of("person_id", "date_of_birth", "attains_18_on", "age")
    born = [(child, born, day, age) for child, born, day, age in dated if born is not None]
    rule = Rule("child", "attains_18_on.right", "equal", f"18 is attained on the birthday, 29 February's on {leap}.")
    attained = ((child, day, birthday(born, MAJORITY, leap)) for child, born, day, _ in born if day is not None)
    yield equal(rule, attained)
    rule = Rule("child", "age.right", "equal", "A child's age is the one on the night's date.")
    yield equal(
        rule, ((child, age, age_on(night.as_of, born, leap)) for child, born, _, age in born if age is not None)
    )


def _adults_are_off_the_tracker(night: Night) -> Iterator[Claims]:
    settled = night.site.ages_out_by_itself
    sentence = f"Nobody stands on the tracker who is 18 by a date of birth that settles it ({', '.join(settled)})."
    rule = Rule("child", "attains_18_on.on_tracker", "equal", sentence, WARNING)
    children = night.rows["child"].of("person_id", "state", "dob_status", "age_presumed", "attains_18_on")
    sure = (
        (child, day > night.as_of)
        for child, state, status, presumed, day in children
        if state in ON_TRACKER and status in settled and not presumed and day is not None
    )
    yield met(rule, sure)


def _whose_age_is_unsure_is_presumed_a_child(night: Night) -> Iterator[Claims]:
    """Modern Slavery Act 2015 s.51: presumed a child until a person has settled the age; no birthday settles it."""
    settled = night.site.ages_out_by_itself
    sentence = f"Whose date of birth is not settled ({', '.join(settled)}) is presumed a child."
    rule = Rule("child", "age_presumed.where_unsure", "equal", sentence)
    children = list(night.rows["child"].of("person_id", "dob_status", "age_presumed"))
    yield met(rule, ((child, presumed) for child, status, presumed in children if status not in (*settled, "DISPUTED")))
    sentence = "Who is presumed a child leaves the tracker only by a person's decision."
    rule = Rule("change", "removed.by_decision", "equal", sentence)
    presumed_children = {child for child, _, presumed in children if presumed}
    decided = set(night.rows["decision"]["decision_id"])
    change = night.rows["change"]
    removed = change.chosen(
        [kind == "REMOVED" and person in presumed_children for kind, person in change.of("kind", "person_id")]
    )
    yield met(rule, ((key, cause in decided) for key, cause in zip(removed.keys, removed["cause"], strict=True)))


def _children_are_victims_first(night: Night) -> Iterator[Claims]:
    """The presumption that a child is a victim is lifted by a person, with a reason, or it stands."""
    sentence = "A child is recorded as a suspect only where a decision SUSPECT_EVIDENCE says so."
    rule = Rule("child", "data_subject_category.decided", "equal", sentence)
    decisions = night.rows["decision"].of("action", "mention_key")
    evidence = {mention for action, mention in decisions if action == "SUSPECT_EVIDENCE"}
    children = night.rows["child"].of("person_id", "data_subject_category", "mention_keys")
    suspects = ((child, keys or ()) for child, category, keys in children if category == "SUSPECT")
    yield met(rule, ((child, not evidence.isdisjoint(keys)) for child, keys in suspects))


def _panels_are_of_the_authority(night: Night) -> Iterator[Claims]:
    """A child heard by another authority's panel is a disclosure to the wrong partner."""
    rule = Rule("child", "panel.of_authority", "equal", "A child's panel is the one of its local authority.")
    panels = {code: authority.panel for code, authority in night.site.local_authorities.items()}
    children = night.rows["child"].of("person_id", "panel", "local_authority")
    yield equal(rule, ((child, panel, panels.get(code)) for child, panel, code in children if panel is not None))


def _forecasts_count_from_the_night(night: Night) -> Iterator[Claims]:
    rule = Rule("forecast", "days.right", "equal", "The days to a birthday are counted from the night's date.")
    forecasts = night.rows["forecast"].of("person_id", "days", "attains_18_on")
    yield equal(rule, ((child, days, (day - night.as_of).days) for child, days, day in forecasts if day is not None))


def _spells_agree(night: Night) -> Iterator[Claims]:
    sentence = "A child is on the tracker exactly while one stay on it lasts, and is never on it twice."
    rule = Rule("child", "state.of_spells", "equal", sentence)
    spells = night.rows["spell"].of("person_id", "removed_on")
    lasting = Counter(child for child, removed_on in spells if removed_on is None)
    children = night.rows["child"].of("person_id", "state")
    yield equal(rule, ((child, lasting[child], int(state in ON_TRACKER)) for child, state in children))


def _closing_balances(night: Night) -> Iterator[Claims]:
    """Opening + added - removed = closing, child by child, so that a difference has a name."""
    if night.before is None:
        return
    sentence = "Opening + added - removed = closing: a child joins or leaves the tracker only by a change that says so."
    rule = Rule("child", "closing.balances", "equal", sentence)
    opening, closing = _on_tracker(night.before), _on_tracker(night.rows["child"])
    joined, left = _changed(night, "ADDED", "RETURNED"), _changed(night, "REMOVED")
    regrouped = {child for pair in night.rows["person_event"].of("person_id", "other_person_id") for child in pair}
    expected = (opening - left) | joined
    asked = sorted((opening | closing | joined | left) - regrouped - (joined & left))
    yield met(rule, ((child, (child in expected) == (child in closing)) for child in asked))


RULES: tuple[tuple[tuple[str, ...], Callable[[Night], Iterator[Claims]]], ...] = (
    (("mention",), _mentions_are_accepted),
    (("mention", "person"), _every_mention_has_a_person),
    (("person", "person_id"), _person_ids_stand),
    (("child", "person"), _childrens_mentions_are_their_own),
    (("child",), _rows_are_of_a_child),
    (("change", "person_id"), _changes_are_of_the_night),
    ((), _nothing_is_from_the_future),
    (("child",), _birthdays_are_right),
    (("child",), _adults_are_off_the_tracker),
    (("child", "change", "decision"), _whose_age_is_unsure_is_presumed_a_child),
    (("child", "decision"), _children_are_victims_first),
    (("child",), _panels_are_of_the_authority),
    (("forecast",), _forecasts_count_from_the_night),
    (("child", "spell"), _spells_agree),
    (("child", "change", "person_event"), _closing_balances),
)


def _refers(night: Night, table: str, column: str, among: Iterable[str], what: str) -> Iterator[Claims]:
    if table in night.rows:
        rule = Rule(table, f"{column}.known", "equal", f"{column} of {table} is {what}.")
        rows, known = night.rows[table], set(among)
        there = zip(rows.keys, rows[column], strict=True)
        yield met(rule, ((key, value in known) for key, value in there if value is not None))


def _on_tracker(children: Rows) -> set[str]:
    return {child for child, state in children.of("person_id", "state") if state in ON_TRACKER}


def _changed(night: Night, *kinds: str) -> set[str]:
    return {person for person, kind in night.rows["change"].of("person_id", "kind") if kind in kinds}
