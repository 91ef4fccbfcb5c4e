"""What partners hold is what was delivered to them, less what was withdrawn, whatever became of a night's files."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from connectors.delivery import full_requests, outbox
from connectors.delivery.outbox import Outbox
from connectors.store import sealed
from connectors.store.paths import Home
from night import export as stage
from night import holdings, outgoing_files
from night.deliver import contract_of
from night.run import Run
from tests.export.a_force import TONIGHT, Person, mention
from tests.export.a_replay import what_left
from tests.export.simulated import Simulated, stem
from tests.export.test_simulated_recipient import NAMES, START, World, events
from tests.export.test_stage import a_night, files_unsealed, sealed_night

NEXT = TONIGHT + timedelta(days=1)


class Partners:
    """Simulated recipients of one home, who can be down, reject files, or be asked to delete one."""

    def __init__(self, home: Path, *names: str) -> None:
        self.home = Home(home)
        found = {name: contract_of(Run(START, self.home), name) for name in names}
        plain = {name: replace(one, delivery=replace(one.delivery, encryption="plain")) for name, one in found.items()}
        self.contracts = plain
        self.of = {name: Simulated(one) for name, one in plain.items()}
        self.numbers: Counter[tuple[str, str]] = Counter()

    @cached_property
    def box(self) -> Outbox:
        return Outbox(Run(START, self.home).register)

    def bring(self, run: Run, *, down: frozenset[str] = frozenset(), cut: frozenset[str] = frozenset()) -> None:
        """A night's files to all but those who are down; the connection of those in `cut` breaks in the first file."""
        left = what_left(run)
        for name, contract in self.contracts.items():
            box = self.box
            before = {s.outgoing.delivery_id: s.state for s in box.last_steps(name)}
            outgoing_files.retire(run, box, contract, "test")
            for gone in (
                s for s in box.last_steps(name, [outbox.WITHDRAWN]) if before[s.outgoing.delivery_id] != s.state
            ):
                self.of[name].delete(gone.outgoing.file)
            outgoing_files.prepare(run, box, contract, "test")
            entered = [s for s in box.of_night(run.as_of.isoformat(), name) if s.state == outbox.PREPARED]
            if entered and name not in down:
                self._send(box, entered[:1] if name in cut else entered, came=name not in cut)
            if name not in down | cut:
                self.of[name].take(left)
            if entered:
                self.numbers[name, entered[0].outgoing.file.split("_2022")[1].split("_")[1]] += 1

    def _send(self, box: Outbox, sent: list[outbox.Step], *, came: bool) -> None:
        with box.writing() as connection:
            sending = box.move(connection, sent, outbox.SENDING, "test")
            if came:
                box.move(connection, sending, outbox.DELIVERED, "test")

    def fall(self, name: str, state: str) -> str:
        """The last drop of a recipient is rejected, lost or withdrawn in all its forms: it deletes what it took."""
        wanted = (outbox.DELIVERED, outbox.ACKNOWLEDGED)
        drops = [s for s in self.box.last_steps(name, wanted) if s.outgoing.kind not in ("MANIFEST", "NOTICE")]
        named = drops[-1].outgoing.file if drops else ""
        forms = [s for s in drops if stem(s.outgoing.file) == stem(named)]
        with self.box.writing() as connection:
            self.box.move(connection, forms, state, "test")
        if forms:
            self.of[name].delete(named)
        return named

    def surnames(self, name: str) -> list[str]:
        return sorted(str(one["surname"]) for one in self.of[name].held.values())

    def believed(self, run: Run) -> dict[str, set[str]]:
        """What we say that each holds, once the night's files are delivered as far as they were."""
        rows = holdings.held_now(run)
        return {name: {row["record_ref"] for row in rows if row["recipient"] == name} for name in self.contracts}


def two() -> list[Person]:
    return [Person("P-1"), Person("P-2", [mention("intel:31/2022/000002#1", given_names="Zoe", surname="Moss")])]


def night(partners: Partners, day: date, *people: Person, **how: frozenset[str]) -> Run:
    run = a_night(partners.home.root, day, *people)
    stage.export(run)
    partners.bring(run, **how)
    return run


def made_for(run: Run, name: str, table: str = "outgoing") -> list[dict[str, Any]]:
    return [row for row in run.rows("export", table) if row["recipient"] == name]


@pytest.mark.parametrize("name", ["pnd", "mash_city", "btp", "sca"])
def test_a_partner_who_was_down_gets_everything_with_the_next_night_by_that_nights_rules(tmp_path, name):
    partners = Partners(tmp_path, name)
    night(partners, TONIGHT, *two(), down=frozenset([name]))
    first, second = two()
    second.given["restricted"] = True
    run = night(partners, NEXT, first, second)
    assert len(partners.of[name].held) == 1
    assert partners.believed(run)[name] == set(partners.of[name].held)
    assert made_for(run, name, "notice") == [], "nobody is told of a record that they never had"


@pytest.mark.parametrize("name", ["pnd", "mash_county", "btp", "sca", "share_county", "neighbourhood_ashfield"])
@pytest.mark.parametrize("state", [outbox.WITHDRAWN, outbox.REJECTED, outbox.LOST])
def test_what_a_file_told_that_fell_is_told_again_by_the_next_night(tmp_path, name, state):
    home = {"local_authority": "COUNTY", "home_area": "Ashfield"}
    people = [Person("P-1", [mention(**home)]), Person("P-2", [mention("intel:31/2022/000002#1", **home)])]
    partners = Partners(tmp_path, name)
    monday = date(2022, 6, 6)
    night(partners, monday, *people)  # lists of areas come out on Mondays
    night(partners, date(2022, 6, 8), *people)  # and shares the day after the meeting of the 7th
    held = set(partners.of[name].held)
    assert len(held) == 2
    file = partners.fall(name, state)
    run = night(partners, date(2022, 6, 9), *people)
    assert set(partners.of[name].held) == held
    assert file not in {row["file"] for row in made_for(run, name)}
    later = night(partners, date(2022, 6, 10), *people)
    assert made_for(later, name) == [], "once is enough"
    assert partners.believed(later)[name] == held


@pytest.mark.parametrize("state", [outbox.WITHDRAWN, outbox.REJECTED, outbox.LOST])
def test_a_night_that_is_made_again_after_its_file_fell_forgets_nothing_of_that(tmp_path, state):
    partners = Partners(tmp_path, "pnd")
    night(partners, TONIGHT, *two()[:1])
    run = night(partners, NEXT, *two())
    before = sealed.hashes(run.folder.stage("export"))
    partners.fall("pnd", state)
    stage.export(run)  # somebody cleared it, since another partner was down
    assert sealed.hashes(run.folder.stage("export")) == before
    night(partners, NEXT + timedelta(days=1), *two())
    assert partners.surnames("pnd") == ["Ashby", "Moss"]


def test_what_left_stands_and_is_put_right_by_the_next_night_alone(tmp_path):
    partners = Partners(tmp_path, "pnd")
    night(partners, TONIGHT, *two()[:1])
    run = night(partners, NEXT, *two())
    named = partners.box.of_night(TONIGHT.isoformat(), "pnd")
    with partners.box.writing() as connection:
        partners.box.move(connection, named, outbox.LOST, "test")  # of the night before, while this one goes on
    with pytest.raises(sealed.SealBroken, match="pnd"):
        stage.export(run)
    assert run.folder.is_sealed("export")
    assert files_unsealed(run) == []
    night(partners, NEXT + timedelta(days=1), *two())
    assert partners.surnames("pnd") == ["Ashby", "Moss"]


def test_an_erasure_that_the_partner_rejected_is_asked_again(tmp_path):
    partners = Partners(tmp_path, "pnd")
    night(partners, TONIGHT, *two())
    wrong = two()
    wrong[1].given |= {"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}
    run = night(partners, NEXT, *wrong)
    theirs = partners.box.of_night(NEXT.isoformat(), "pnd")
    with partners.box.writing() as connection:
        partners.box.move(connection, theirs, outbox.REJECTED, "test")
    again = a_night(tmp_path, NEXT + timedelta(days=1), *wrong)
    stage.export(again)
    asked = [(row["action"], row["issued_on"]) for row in made_for(again, "pnd", "notice")]
    assert sorted(asked) == [("ERASE", run.as_of), ("ERASE", again.as_of)]


@pytest.mark.parametrize("name", ["mash_city", "barnardos", "btp"])
def test_a_correction_that_the_partner_rejected_is_told_again_though_the_record_has_ended_since(tmp_path, name):
    partners, (first, second) = Partners(tmp_path, name), two()
    night(partners, TONIGHT, first, second)
    second.mentions[0] |= {"surname": "Mossop"}
    night(partners, NEXT, first, second)
    second.given |= {"state": "REMOVED", "removal_reason": "MOVED_AREA"}
    night(partners, NEXT + timedelta(days=1), first, second)
    theirs = [s for s in partners.box.of_night(NEXT.isoformat(), name) if s.outgoing.kind != "MANIFEST"]
    with partners.box.writing() as connection:
        partners.box.move(connection, theirs, outbox.REJECTED, "test")
    again = a_night(tmp_path, NEXT + timedelta(days=2), first, second)
    stage.export(again)
    told = [(row["action"], row["fields"], row["issued_on"]) for row in made_for(again, name, "notice")]
    assert told == [("RECTIFY", ["accuracy", "surname"], day) for day in (NEXT, again.as_of)]


@pytest.mark.parametrize("name", ["pnd", "mash_city", "btp", "neighbourhood_city_north"])
@pytest.mark.parametrize("state", [outbox.WITHDRAWN, outbox.REJECTED, outbox.LOST])
def test_who_may_hold_a_file_that_fell_gets_one_in_its_place_though_nobody_is_left_to_tell_of(tmp_path, name, state):
    partners, (only, _) = Partners(tmp_path, name), two()
    night(partners, date(2022, 6, 6), only)
    assert partners.fall(name, state)
    only.given["restricted"] = True
    run = night(partners, date(2022, 6, 7), only)
    assert {row["records"] for row in made_for(run, name)} == {0}
    assert made_for(run, name, "notice") == []
    assert made_for(night(partners, date(2022, 6, 8), only), name) == [], "once is enough"


def test_a_list_that_did_not_come_on_its_day_is_made_the_day_after(tmp_path):
    partners = Partners(tmp_path, "share_city")
    night(partners, date(2022, 6, 8), *two(), down=frozenset(["share_city"]))
    night(partners, date(2022, 6, 9), *two(), down=frozenset(["share_city"]))
    night(partners, date(2022, 6, 10), *two())
    assert partners.surnames("share_city") == ["Ashby", "Moss"]


def test_a_home_restored_from_a_copy_of_an_earlier_night_tells_everything_anew_under_a_new_number(tmp_path):
    partners = Partners(tmp_path, "pnd")
    night(partners, TONIGHT, *two()[:1])
    lost = night(partners, NEXT, *two())
    for path in sorted(lost.folder.root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    lost.folder.root.rmdir()
    run = night(partners, NEXT + timedelta(days=1), *two())
    assert [(row["kind"], row["file"].split("_")[3]) for row in made_for(run, "pnd")] == [
        ("FULL", "000003"),
        ("MANIFEST", "000003"),
    ]
    assert partners.surnames("pnd") == ["Ashby", "Moss"]


def test_a_request_for_everything_is_answered_even_where_its_night_did_not_come(tmp_path):
    partners = Partners(tmp_path, "pnd")
    first = night(partners, TONIGHT, *two())
    full_requests.request(first.register, "pnd", TONIGHT, "a DELTA was missing")
    night(partners, NEXT, *two(), down=frozenset(["pnd"]))
    third = night(partners, NEXT + timedelta(days=1), *two())
    assert [row["kind"] for row in made_for(third, "pnd")] == ["FULL", "MANIFEST"]


happenings = st.one_of(
    st.tuples(st.just("down"), st.sampled_from(NAMES)),
    st.tuples(st.just("cut"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from([outbox.WITHDRAWN, outbox.REJECTED, outbox.LOST]), st.sampled_from(NAMES)),
)
plans = st.lists(
    st.tuples(st.integers(1, 4), st.lists(events, max_size=3), st.lists(happenings, max_size=3)),
    min_size=2,
    max_size=6,
)


# The file that told a deletion is lost, and the child that it was merged into is restricted before the next one.
A_MERGE_IS_LOST = [
    (1, [], [("cut", "share_btp"), ("withdrawn", "share_barnardos"), ("down", "ccep")]),
    (1, [("says", 1, ("local_authority", None)), ("merge", 2, 0)], [("cut", "mash_city"), ("lost", "btp")]),
    (2, [("withdrawn", 2, False), ("mark", 2, ("restricted", True)), ("full", "mash_city", None)], []),
]

# The full file that left out a record, merged into another, is withdrawn, and the child leaves the tracker.
A_FULL_IS_WITHDRAWN = [
    (1, [], []),
    (1, [("mark", 1, ("disputed", True))], [("lost", "pnd"), ("lost", "btp")]),
    (1, [("merge", 0, 2)], []),
    (1, [], [("withdrawn", "pnd"), ("withdrawn", "btp")]),
    (1, [("mark", 0, ("state", "REMOVED"))], []),
]

# The file that told that a record ended is rejected, and then the full one that had brought it.
WHAT_ENDED_WAS_REJECTED = [
    (1, [], []),
    (1, [("mark", 2, ("restricted", True))], [("rejected", "pnd"), ("rejected", "pnd")]),
]


# Not shrunk: the plan that failed is short enough to read, and shrinking it takes minutes.
@example(WHAT_ENDED_WAS_REJECTED)
@example(A_FULL_IS_WITHDRAWN)
@example(A_MERGE_IS_LOST)
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(plans)
def test_whatever_becomes_of_files_the_next_night_that_comes_makes_every_partner_right(tmp_path_factory, plan):
    folder = tmp_path_factory.mktemp("plan")
    world, day, partners = World(), START, Partners(folder, *NAMES)
    # A last calm night shows that everything was made right.
    for days, changes, happened in [*plan, (7, [], [])]:
        world.split, world.full = [], set()
        for kind, target, detail in changes:
            if kind not in ("split", "full"):
                world.do((kind, target, detail), day)
        run = sealed_night(folder, world.tables_of(day))
        stage.export(run)
        down, cut = (frozenset(name for what, name in happened if what == kind) for kind in ("down", "cut"))
        partners.bring(run, down=down, cut=cut - down)
        for what, name in happened:
            if what not in ("down", "cut"):
                partners.fall(name, what)
        day += timedelta(days=days)
    due = {name: set(one.held) for name, one in partners.of.items()}
    assert partners.believed(run) == due
    for name in NAMES:
        wanted = {
            row["record_ref"]: partners.of[name].should_hold(json.loads(row["content"]))
            for row in run.rows("export", "holding")
            if row["recipient"] == name
        }
        assert partners.of[name].held == wanted
    assert max(partners.numbers.values(), default=1) == 1, "a number was used twice"
