"""Is everything well with this home's nights? For a monitor outside, which asks every few minutes.

What is missing counts like what failed: a night that was not published in time, a stage without a seal, a partner who
was not reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.store import at_work
from night.brakes import held_night
from night.measured import of_the_tracker
from night.outcome import failures, not_reached, unsealed
from night.run import Run


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


def _of_the_tracker(run: Run, published: date | None) -> Iterator[Finding]:
    """What waits for people, as the last published night has it."""
    if published is None:
        return
    counts = of_the_tracker(replace(run, as_of=published))
    for what in ("held_decisions", "clocks_overdue"):
        yield Finding(what, counts[what], not counts[what])
