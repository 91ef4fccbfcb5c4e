"""Red, amber or green, by the rule of the contract: how the force rates is not public.

Missing now comes before missing once, and what happened long ago weighs no more: a rating can fall.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

LATELY = timedelta(days=92)  # as repeats are counted: three months


def rag_of(values: Mapping[str, Any], rule: Mapping[str, int], as_of: date) -> str:
    """RED: missing now, or involved and missing lately; AMBER: involved lately, or reported again and again lately."""
    since = (as_of - LATELY).isoformat()
    missing = sum(absence["from"] >= since for absence in values["missing"])
    reports = sum(one["date"] >= since for one in values["reports"])
    is_involved = values["involvement"] == "INVOLVED"
    if values["is_missing"] or (is_involved and missing >= rule["red_missing_episodes"]):
        return "RED"
    return "AMBER" if (is_involved and (reports or missing)) or reports >= rule["amber_repeats"] else "GREEN"
