"""Does the source bring about as many reports as it should?

"More than no rows" notices only a source that is dead. Reports arrive one by one and independently, so their number in
a span of nights is Poisson about what the force expects: a number that such nights bring less than once in a thousand
is worth a person's look, be it silence or a flood. scipy is imported where a number is judged: every task of a night
imports this module, and scipy is a tenth of what they all import.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from expectations.claims import WARNING, Claims, Rule, met
from expectations.site import Site

SPANS = (1, 2, 7, 28)  # nights
IMPROBABLE = 0.001
TINY = 1e-12  # what is rarer is written so
SOURCE = "intelligence"
ARRIVALS, FEWEST_GAPS = 21, 5  # of a feed: how many are looked back over, and how many make a rhythm


def at_most(count: int, mean: float) -> float:
    """P(N <= count) for a Poisson number of this mean."""
    from scipy.special import pdtr

    return float(pdtr(count, mean))


def at_least(count: int, mean: float) -> float:
    """P(N >= count) for a Poisson number of this mean; a flood is far below what 1 - P(N < count) can tell from 0."""
    from scipy.special import pdtrc

    return float(pdtrc(count - 1, mean)) if count else 1.0


def is_overdue(days: Iterable[date], as_of: date) -> bool:
    """True where a feed has not come for longer than it ever let pass between the last ARRIVALS days it came for.

    Of a feed that came seldom nothing is known yet.
    """
    came = sorted(day for day in days if day <= as_of)[-ARRIVALS:]
    gaps = [(later - earlier).days for earlier, later in pairwise(came)]
    return len(gaps) >= FEWEST_GAPS and (as_of - came[-1]).days > max(gaps)


def claims(created: list[datetime], as_of: date, site: Site) -> Iterator[Claims]:
    """One warning rule for each span of nights that reports, created at these times, reach back over."""
    midnights = {days: site.midnight(as_of - timedelta(days=days)).astimezone(UTC) for days in (0, *SPANS)}
    until, earliest = midnights[0], min(midnights.values())
    first, lately = min(created, default=until), [stamp for stamp in created if earliest <= stamp < until]
    for span in SPANS:
        since = midnights[span]
        if first >= since:
            continue
        count, mean = sum(since <= stamp for stamp in lately), span * site.reports_per_night
        chance = min(at_most(count, mean), at_least(count, mean))
        nights = "night" if span == 1 else f"{span} nights"
        sentence = (
            f"The last {nights} brought {count} new reports where {mean:.1f} are expected "
            f"(by chance once in {1 / max(chance, TINY):,.0f} such spans): ask whether the source still sends "
            "everything, once."
        )
        rule = Rule("report", f"volume.{span:02}_nights", "equal", sentence, WARNING)
        yield met(rule, [(SOURCE, chance >= IMPROBABLE)])
