"""May this stage of this night run now?

Asked by every stage of itself, whoever calls it: the DAG, a button that marks a task as a success, a backfill, a
command, a direct call. What it asks stands in `PRECONDITIONS`; nothing is changed where the answer is no.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec

from connectors.register import history
from connectors.store import at_work, sealed
from connectors.store.paths import PUBLISHING_STAGE, STAGES
from connectors.store.private import keep_private
from night.as_sealed import expect_as_sealed
from night.belongs import expect_home_of_site, expect_register_of_site
from night.erased import ledgers
from night.failures import MayNotRun
from night.run import Counts, Run

BESIDE_OTHERS = "deliver"  # partners are served side by side, each by a process of its own
ENDS_A_NIGHT = (PUBLISHING_STAGE, "report")

Given = ParamSpec("Given")
Stage = Callable[Concatenate[Run, Given], Counts]


def may_run(name: str) -> Callable[[Stage[Given]], Stage[Given]]:
    """Make a function the stage of this name: it runs only where all its preconditions hold, and alone."""

    def checked(stage: Stage[Given]) -> Stage[Given]:
        @wraps(stage)
        def run_stage(run: Run, /, *given: Given.args, **named: Given.kwargs) -> Counts:
            expect_in_order(run)  # before anything is written, the lock's own file included
            expect_home_of_site(run)
            keep_private(run.home)
            _erase_again(run)
            with _alone(run, name):
                for precondition in PRECONDITIONS[name]:
                    precondition(run, name)
                _show_at_work(run, name)
                counts = stage(run, *given, **named)
                if name in ENDS_A_NIGHT:
                    at_work.end(run.home, run.as_of)
                return counts

        return run_stage

    return checked


def expect_in_order(run: Run) -> None:
    """MayNotRun before the night's day, or after a later one was published; a published one may be repeated."""
    expect_has_come(run)
    last = None if run.is_published else run.home.last_published()
    if last is not None and run.as_of < last:
        raise MayNotRun(
            f"The night of {run.as_of} was never published, but a later one, {last}, was: what it missed came in with "
            "later nights, and a night is never run after a later one. Nothing was changed."
        )


def expect_has_come(run: Run) -> None:
    """MayNotRun before the night's day has begun in London."""
    if run.as_of > run.today:
        raise MayNotRun(
            f"The night of {run.as_of} is after today, {run.today}: a night can be run once its day has begun. "
            "Nothing was changed."
        )


def expect_may_begin(run: Run) -> None:
    """MayNotRun where the night could not begin now; asked before anything is set up for it, and nothing is written."""
    expect_in_order(run)
    expect_own(run)
    if run.home.lock.is_file():
        with _alone(run, "the night"):
            _no_other_night(run, "pull")


def expect_own(run: Run) -> None:
    """No home of another force, no register of another force or home; a register of its own is made by its night."""
    expect_home_of_site(run)
    if run.named_register != run.home.register or run.home.register.is_file():
        expect_register_of_site(run)


def _in_order(run: Run, _name: str) -> None:
    expect_in_order(run)


def _one_force(run: Run, _name: str) -> None:
    expect_own(run)


def _no_other_night(run: Run, _name: str) -> None:
    other = at_work.night_at_work(run.home)
    if other in (None, run.as_of) or run.is_published or at_work.is_given_up(run.home):
        return
    raise MayNotRun(
        f"The night of {run.as_of} may not begin: that of {other} was begun and has not ended. Wait for it, or run it "
        "again: it goes on where it was. Nothing was changed.",
        worth_another_try=True,
    )


def _goes_on_from_what_was_sealed(run: Run, _name: str) -> None:
    before = run.previous(PUBLISHING_STAGE)
    if before is None:
        return
    try:
        expect_as_sealed(run.at(before))
    except sealed.SealBroken as broken:
        raise MayNotRun(f"The night of {run.as_of} may not begin. {broken} Nothing was changed.") from None


def _is_at_work(run: Run, name: str) -> None:
    other = at_work.night_at_work(run.home)
    if other not in (None, run.as_of) and not run.is_published:
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run: the night of {other} was begun after this one. When that has "
            "ended, run this night again from pull on."
        )


def _sealed_before(run: Run, name: str) -> None:
    before = STAGES[STAGES.index(name) - 1]
    if not run.folder.is_sealed(before):
        _expect_its_home(run, name, before)
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run: {before} has no seal, so it did not end well. Run the night again "
            f"from {before} on."
        )
    try:
        sealed.verify(run.folder, before)
    except sealed.SealBroken as broken:
        raise MayNotRun(f"Night {run.as_of}: {name} may not run. {broken} Run the night again from pull on.") from None


def _expect_its_home(run: Run, name: str, before: str) -> None:
    """MayNotRun where the register says that the stage before ended well just now, but not in this home."""
    night = run.as_of.isoformat()
    stages = STAGES[: STAGES.index(before) + 1]
    ended = [row for row in history.of_nights(run.register, night, night) if row["stage"] in stages]
    if ended and ended[-1]["stage"] == before and not ended[-1]["failure"]:
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run: {before} ended well and has no seal in {run.home.root} of "
            f"{socket.gethostname()}: it ran on a machine with another home, or its folder was removed. Every machine "
            "that runs stages needs the same home, on one shared file system; then run the night again from pull on."
        )


def _no_later_export(run: Run, name: str) -> None:
    later = [night for night in run.home.nights() if night > run.as_of and run.home.run(night).is_sealed("export")]
    if later and not run.folder.is_sealed("export"):
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run: the files of a later night, {later[0]}, are made, and hold what "
            "this one would have sent."
        )


def _no_later_night(run: Run, name: str) -> None:
    last = run.home.last_published()
    if last is not None and run.as_of < last and not run.folder.is_sealed("deliver"):
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run: a later night, {last}, is published, and what leaves is judged on "
            f"the night it leaves. Run deliver of {last}."
        )


PRECONDITIONS: dict[str, tuple[Callable[[Run, str], None], ...]] = {
    "pull": (_in_order, _one_force, _no_other_night, _goes_on_from_what_was_sealed),
    "land": (_in_order, _is_at_work, _sealed_before),
    "normalise": (_in_order, _is_at_work, _sealed_before),
    "link": (_in_order, _is_at_work, _sealed_before),
    "reconcile": (_in_order, _is_at_work, _sealed_before),
    "validate": (_in_order, _is_at_work, _sealed_before),
    "export": (_in_order, _sealed_before, _no_later_export),
    "deliver": (_in_order, _sealed_before, _no_later_night),
    "report": (_in_order, _one_force),  # it tells of stages that did not end, so it requires none
}


def _erase_again(run: Run) -> None:
    """Before anything else, what a restored home or register brought back of somebody who was erased goes again."""
    if not any(file.is_file() for file in ledgers(run.home)):
        return
    from night.erasing import carry_out_what_is_open, what_is_open  # only where somebody was ever erased

    if what_is_open(run.home):
        with _alone(run, "erasing again"):
            carry_out_what_is_open(run.home)


@contextmanager
def _alone(run: Run, name: str) -> Iterator[None]:
    """No other process works in the home; whoever runs many stages holds the lock for all of them."""
    if run.held is not None:
        yield
        return
    lock = at_work.side_by_side if name == BESIDE_OTHERS else at_work.alone
    try:
        with lock(run.home, at_work.PATIENCE_SECONDS):
            yield
    except at_work.HomeBusy as busy:
        raise MayNotRun(
            f"Night {run.as_of}: {name} may not run. {busy}", worth_another_try=busy.worth_another_try
        ) from None


def _show_at_work(run: Run, name: str) -> None:
    if name == "pull" and not run.is_published:
        at_work.begin(run.home, run.as_of)
    else:
        at_work.sign_of_life(run.home, run.as_of)
