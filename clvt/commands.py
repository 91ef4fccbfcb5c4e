"""What does each command of `clvt` do?

One function each, of what was typed; it returns the exit code, or nothing where that is 0.
"""

import json
import sys
from argparse import Namespace as Arguments
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clvt.operator import acting, operator
from connectors.store.forces import ListUnusable, are_several, force_named, force_of
from connectors.store.paths import Home
from expectations.plain import Row
from expectations.site import LONDON

if TYPE_CHECKING:
    from night.run import Run


def replay(given: Arguments) -> None:
    """Run every night of a period on a scenario folder; ScenarioError where that cannot be used."""
    from clvt.nightly import stand_ins
    from clvt.replay import ScenarioError
    from clvt.replay import replay as run_all
    from night.engine import named_engine
    from night.run import Run

    named_engine()  # a wrong one is refused before the first night
    _in_order(given)
    if given.labels and not given.labels.is_file():
        raise ScenarioError(f"There is no file {given.labels}.")
    home = home_of(given)
    partners = stand_ins(home) if given.stand_in else None
    done = run_all(home, given.scenario, given.first, given.last, given.labels, given.deliver, partners)
    rate = f", {done.nights / done.seconds:.2f} nights a second" if done.nights else ""
    print(f"{done.nights} nights run, {done.passed_over} done before, {done.seconds:.1f} s{rate}")
    print("  ".join(f"{stage} {seconds:.1f} s" for stage, seconds in done.by_stage.items()))
    _say_for_whom_nothing_is_made(Run(given.last, home))


def nightly(given: Arguments) -> int:
    """Run one night through Airflow."""
    from clvt.nightly import nightly as run_one
    from night.engine import named_engine

    named_engine()  # a wrong one is refused before the night begins
    return run_one(home_of(given), given.date or datetime.now(LONDON).date(), given.scenario)


def listing(given: Arguments) -> None:
    """Print a view of a night."""
    from clvt.views import VIEWS, persons_in

    view = VIEWS[given.command]
    run = _night(given)
    rows = view.rows(run)
    _consulted(run, given.command, persons_in(run, rows))
    _show(given, rows, view.columns)


def expectations(given: Arguments) -> None:
    """Print the rules that the gate asks."""
    from clvt.rulebook import COLUMNS, rules, suite

    if given.suite:
        print(json.dumps(suite(given.table), indent=1, ensure_ascii=False))
    else:
        _show(given, rules(home_of(given), given.as_of, given.table), COLUMNS)


def find(given: Arguments) -> None:
    """Print everybody who was ever recorded so."""
    from clvt.views import FOUND_COLUMNS, persons_in
    from night.person import found_by

    run = _night(given)
    rows = found_by(run, given.text)
    _consulted(run, given.command, persons_in(run, rows))
    _show(given, rows, FOUND_COLUMNS)


def child(given: Arguments) -> None:
    """Print everything of one person, in sections."""
    from dataclasses import asdict

    from night.person import person_of
    from transforms.report.person import as_text

    run = _night(given)
    found = person_of(run, given.person)
    _consulted(run, given.command, {found.person_id})
    print(json.dumps(asdict(found), indent=1, ensure_ascii=False, default=str) if given.json else as_text(found))


def profile(given: Arguments) -> None:
    """Print the monthly profile."""
    from clvt.listing import show
    from clvt.views import figures, links, persons_in
    from transforms.reconcile.profile import LINKS_SHOWN, demand_text, links_text, profile_text

    run = _night(given)
    found, linked = figures(run), links(run)
    shown = {row[name] for row in linked.closest for name in ("tracker_id", "other_tracker_id")}
    children = [row for row in run.rows("reconcile", "child") if row["tracker_id"] in shown]
    _consulted(run, given.command, persons_in(run, children))
    if given.json:
        print(json.dumps({**found, "links": linked.closest}, indent=1, ensure_ascii=False))
        return
    print("Demand\n\n" + demand_text(found, run.as_of) + "\n\nVictim & Offender Profile\n")
    print("\n\n".join(profile_text(found, run.as_of)) + "\n")
    for title, counts in (("Age", found["ages"]), ("Removed", found["removed_by_reason"])):
        print(f"{title:<20}Children\n" + "".join(f"{name:<20}{count}\n" for name, count in counts.items()))
    print(links_text(linked, found["closing"]) + "\n")
    show(linked.closest[:LINKS_SHOWN], ("tracker_id", "other_tracker_id", "line_refs", "places"), "table")


def audit(given: Arguments) -> int:
    """Print or verify the processing log."""
    from clvt.proof import Unproved, proved
    from clvt.views import AUDIT_COLUMNS
    from clvt.views import audit as entries
    from night.person import ids_of

    if given.verify:
        try:
            print(proved(home_of(given)))
        except Unproved as why:
            sys.stderr.write(f"{why}\n")
            return 1
        return 0
    run = _night(given)
    rows = entries(run, given.person)
    _consulted(run, given.command, set(ids_of(run, given.person)[:1]) if given.person else set())
    _show(given, rows, AUDIT_COLUMNS)
    return 0


MOST_LINES = 20


def link(given: Arguments) -> None:
    """Link a file of mentions; rows of which a value cannot be read are named."""
    from clvt.linkage import link_file

    linked, unread = link_file(given.mentions, given.out, given.pairs, given.as_of)
    for line in unread[:MOST_LINES]:
        print(line, file=sys.stderr)
    if len(unread) > MOST_LINES:
        print(f"and {len(unread) - MOST_LINES} rows more", file=sys.stderr)
    print(f"{linked} mentions linked: {given.out}")


def explain(given: Arguments) -> None:
    """Print why two mentions are alike or not."""
    from clvt.linkage import explained
    from clvt.views import persons_in

    run = _night(given)
    found = explained(run, given.key, given.other_key)
    _consulted(run, given.command, persons_in(run, [{"mention_key": given.key, "other_mention_key": given.other_key}]))
    _show(given, found, ("field", "level", "weight"))


def rebuild(given: Arguments) -> int:
    """Make the tracker again and compare."""
    from clvt.rebuild import as_kept
    from clvt.rebuild import rebuild as again

    run = _night(given)
    differences, kept_until = again(run.home, run.as_of), as_kept(run.home)
    if kept_until > date.min:
        print(f"Nights up to {kept_until} are taken as they are kept: data of theirs went, thinned out or erased.")
    print("\n".join(differences) or f"Every night up to {run.as_of} comes out the same from landed data and decisions.")
    return 1 if differences else 0


def answers(given: Arguments) -> int:
    """Take in a worklist."""
    from connectors.sources.worklist import read_answers
    from night.answering import take
    from night.report import contents_of
    from transforms.report.questions import answerable

    run = _night(given)
    contents = contents_of(run, "")
    found = read_answers(given.file, {row["review_id"]: row for row in answerable(contents)}, contents.stamp)
    taken = take(run, found.decisions, acting(given.by))
    sentences = found.refused + [one.sentence for one in taken if one.sentence]
    print(f"{sum(not one.sentence for one in taken)} answers count from the next night on.")
    for sentence in sentences:
        print(sentence)
    return 1 if sentences else 0


def pack(given: Arguments) -> None:
    """Write the meeting pack on paper."""
    from night.report import meeting_pack_pdf, named_in

    run = _night(given)
    _consulted(run, given.command, named_in(run, "meeting_pack.pdf"))
    given.out.write_bytes(meeting_pack_pdf(run))
    print(f"The pack of the next meeting, as the night of {run.as_of} knows it: {given.out}")


def access(given: Arguments) -> None:
    """Write the draft answer to a request for access."""
    from clvt.access import draft

    run = _night(given)
    answer = draft(run, given.person, acting(given.by))
    given.out.touch(mode=0o600)
    given.out.write_bytes(answer)
    print(f"A draft for the data protection team, as the night of {run.as_of} knows it: {given.out}")


def recall(given: Arguments) -> None:
    """Send a file once more, or take it back."""
    from night import recall as step

    run = _night(given)
    counts = getattr(step, given.command)(run, given.recipient, given.file, given.reason, acting(given.by))
    print("  ".join(f"{name} {count}" for name, count in counts.items()))


def upgrade(given: Arguments) -> None:
    """Bring the register up to date, as the role that owns its tables."""
    from connectors.register.database import let_in
    from night.run import Run, registers_owner

    run = Run(date.min, home_of(given))
    if registers_owner(run.home):
        let_in(run.register_of_owner, str(run.named_register))
    with run.register.connect() as connection:
        print(f"The register in {connection.engine.url.render_as_string()} is up to date.")


def retain(given: Arguments) -> None:
    """Print who is due for review, and let go of what the site does not keep."""
    from night.retaining import DUE_COLUMNS, ERASE, due, thin

    run = _night(given)
    rows = due(run)
    _consulted(run, given.command, {row["person_id"] for row in rows})
    _show(given, rows, DUE_COLUMNS)
    to_erase = sum(row["outcome"] == ERASE for row in rows)
    sys.stderr.write(f"{len(rows) - to_erase} to be reviewed, {to_erase} to be erased as a review decided.\n")
    if given.carry_out:
        gone = thin(run, operator())
        went = f"pages of {gone.pages} and {gone.files} files in clear text gone"
        sys.stderr.write(f"{gone.nights} nights thinned out, {went}.\n")


def erase(given: Arguments) -> None:
    """Take a person out of everything that is kept."""
    from night.erasing import erase as take_out
    from night.erasing import may_be_the_same

    run = _night(given)
    others = may_be_the_same(run, given.person)
    counts = take_out(run, given.person, given.reason, acting(given.by))
    print("Erased: " + "  ".join(f"{name} {count}" for name, count in counts.items()))
    if others:
        _consulted(run, given.command, set(others))
        sys.stderr.write(
            f"An open question asked whether {', '.join(others)} may be the same person: their records are kept. Look "
            "at each (`clvt child`), and erase whoever is.\n"
        )


def plain(given: Arguments) -> None:
    """Note that somebody else has seen that a recipient's files go unencrypted."""
    from night.agreed import let_plain
    from night.deliver import contract_of

    run = _night(given)
    let_plain(run, contract_of(run, given.recipient), operator(), given.reason)
    print(f"Files may go to {given.recipient} unencrypted, by its contract as it is now.")


def full(given: Arguments) -> None:
    """Note that a recipient asked for everything again."""
    from connectors.delivery.full_requests import request

    run = _night(given)
    request(run.register, given.recipient, datetime.now(LONDON).date(), given.reason)
    print(f"The next night sends {given.recipient} a FULL.")


def synth(given: Arguments) -> None:
    """Invent a force."""
    from demo.synth import make_force
    from expectations.site import load

    _in_order(given)
    site = load(home_of(given).root / "site.yml")
    made = make_force(given.out, seed=given.seed, children=given.children, start=given.first, end=given.last, site=site)
    what = f"invented children in the places of {site.force_name}"
    print(f"{given.out}: {what}, {made['closing']} of them on the tracker on {made['as_of']}")


def _in_order(given: Arguments) -> None:
    from clvt.replay import ScenarioError

    if given.last < given.first:
        raise ScenarioError("--to is before --from: there is no day between them.")


def adopt(given: Arguments) -> None:
    """Set up a force: ask, and write its first files."""
    from clvt.adopt import QUESTIONS, asked
    from clvt.adopt import adopt as set_up

    answers = {one.name: getattr(given, one.name) or [] for one in QUESTIONS}
    if sys.stdin.isatty():
        answers |= {one.name: asked(one) for one in QUESTIONS if not answers[one.name]}
    for path in set_up(home_of(given), answers):
        print(path)
    print("Next: read these files, then `clvt check` for what is still to be answered.")


def check(given: Arguments) -> int:
    """Try everything that a night needs."""
    from clvt.checks import checks
    from clvt.connections import endpoint
    from night.run import Run

    wrong = 0
    for name, sentences in checks(Run(datetime.now(LONDON).date(), home_of(given), endpoint)):
        print(f"{'ok ' if not sentences else '-- '} {name}" + "".join(f"\n     {sentence}" for sentence in sentences))
        wrong += bool(sentences)
    return 1 if wrong else 0


def status(given: Arguments) -> int:
    """Say whether everything is well."""
    from clvt.connections import endpoint
    from clvt.status import status as findings
    from night.run import Run

    now = datetime.now(LONDON)
    found = findings(Run(now.date(), home_of(given), endpoint), now)
    rows = [{"what": one.what, "found": one.found, "is_well": one.is_well} for one in found]
    _show(given, rows, ("what", "found", "is_well"))
    return 0 if all(one.is_well for one in found) else 1


def rehearse(given: Arguments) -> None:
    """Make a night but for its delivery, and print what would have left."""
    from clvt.rehearse import COLUMNS
    from clvt.rehearse import rehearse as make
    from night.report import named_in
    from night.run import Run

    made = make(home_of(given), given.as_of or datetime.now(LONDON).date())
    _consulted(Run(made.run.as_of, home_of(given)), given.command, named_in(made.run, made.report.name))
    _show(given, made.rows, COLUMNS)
    _say_for_whom_nothing_is_made(made.run)
    sys.stderr.write(f"Nothing left. Report: {made.report}\n")


def _say_for_whom_nothing_is_made(run: "Run") -> None:
    """Beside what a night made, the recipients whose contract cannot be carried out, each with the reason."""
    from night.outcome import unmade

    for sentence in unmade(run):
        sys.stderr.write(f"{sentence}\n")


def _consulted(run: "Run", command: str, persons: set[str]) -> None:
    """Log that whoever typed a command was shown these people (Data Protection Act 2018 s.62)."""
    from connectors.register.answers import consulted

    consulted(run.register, operator(), [(f"clvt {command}", person) for person in persons], run.as_of)


def home_of(given: Arguments) -> Home:
    """The data home that was named; ListUnusable for a force that is refused, but of `check`, which says why."""
    is_name = given.home == "" or (are_several() and given.home.isdigit())
    force = force_named(given.home) if is_name else force_of(Home(Path(given.home).resolve()))
    if force.refusal and given.command != "check":
        raise ListUnusable(force.refusal)
    return force.home


def _night(given: Arguments) -> "Run":
    """The published night that was named, else the last one."""
    from clvt.views import night_of

    return night_of(home_of(given), getattr(given, "as_of", None))


def _show(given: Arguments, rows: Iterable[Row], columns: Sequence[str]) -> None:
    from clvt.listing import show

    show(rows, columns, "json" if given.json else given.format)
