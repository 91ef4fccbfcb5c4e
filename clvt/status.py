"""Is everything well with this home's nights? For a monitor outside, which asks every few minutes.

What is missing counts like what failed: a night that was not published in time, a stage without a seal, a partner who
was not reached, or who did not say that a file that was taken back is deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.delivery.outbox import DELIVERED, REJECTED, TO_BE_SENT, Outbox, Step
from connectors.store import at_work
from connectors.store.sealed import SealBroken
from night.as_sealed import expect_as_sealed
from night.brakes import held_night
from night.measured import of_the_tracker
from night.outcome import failures, not_reached, unsealed
from night.run import Run

# What is left to do with a file that was taken back, by the state of the notice that asks its recipient to delete it.
NOTICES = {
    **dict.fromkeys(TO_BE_SENT, "its recipient was not asked yet to delete it: have that night delivered again"),
    DELIVERED: "its recipient has not acknowledged that it is deleted: ring them",
    REJECTED: "its recipient refuses to delete it: ring them",
}
SENT_AGAIN = "the next night sends its records again to whoever may have them"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, what was found, and whether that is well."""

    what: str
    found: Any
    is_well: bool = True


def status(run: Run, now: datetime) -> list[Finding]:
    """Everything that is looked at, for the night of today."""
    published = run.home.last_published()
    return [
        Finding("last_published_night", str(published or ""), published is not None),
        _age(run, published, now),
        *_nights(run, published),
        *_withdrawn(run, published),
        *_of_the_tracker(run, published),
        Finding("live_from", str(run.site.live_from or "")),
    ]


def _age(run: Run, published: date | None, now: datetime) -> Finding:
    """Hours since the last published night began; it may be a day old, until the next one is due, and not to come."""
    if published is None:
        return Finding("age_hours", None, is_well=False)
    begun = datetime.combine(published, datetime.min.time(), now.tzinfo)
    hours = (now - begun) / timedelta(hours=1)
    return Finding("age_hours", round(hours, 1), 0 <= hours <= 24 + run.site.night_due_hours)


def _nights(run: Run, published: date | None) -> Iterator[Finding]:
    """The last night that was published, and later ones that were not."""
    at_work_now = None if at_work.is_given_up(run.home) else at_work.night_at_work(run.home)
    nights = [night for night in run.home.nights() if published is None or night >= published]
    for night in nights:
        if night == at_work_now:
            yield Finding("night_at_work", str(night))
            continue
        yield from _of_night(replace(run, as_of=night))


def _of_night(run: Run) -> Iterator[Finding]:
    missing, held, partners = unsealed(run), held_night(run), not_reached(run)
    yield Finding(f"{run.as_of}_stages_without_a_seal", ", ".join(missing), not missing)
    for sentence in failures(run):
        yield Finding(f"{run.as_of}_failure", sentence, is_well=False)
    yield Finding(f"{run.as_of}_held", held.consequence if held else "", held is None)
    yield Finding(f"{run.as_of}_partners_not_reached", ", ".join(partners), not partners)


def _withdrawn(run: Run, published: date | None) -> Iterator[Finding]:
    """Each file that was taken back, while something is left to do: by its recipient, or by the next night."""
    answering = {name for name, one in run.contracts().items() if one.delivery.receipts}
    for step, notice in Outbox(run.register).withdrawals():
        left = _left_to_do(notice, answers=step.outgoing.recipient in answering)
        is_new = published is None or run.site.local_day(datetime.fromisoformat(step.at)) >= published
        if left or is_new:
            yield Finding(f"withdrawn_{step.outgoing.remote_name}", left or SENT_AGAIN, not left)


def _left_to_do(notice: Step | None, *, answers: bool) -> str:
    if notice is None or (notice.state == DELIVERED and not answers):
        return ""
    return NOTICES.get(notice.state, "")


def _of_the_tracker(run: Run, published: date | None) -> Iterator[Finding]:
    """What waits for people, as the last published night has it; first, where somebody changed that night."""
    if published is None:
        return
    last = replace(run, as_of=published)
    try:
        expect_as_sealed(last)
    except SealBroken as broken:
        yield Finding("not_as_sealed", str(broken), is_well=False)
    counts = of_the_tracker(last)
    for what in ("held_decisions", "clocks_overdue"):
        yield Finding(what, counts[what], not counts[what])
