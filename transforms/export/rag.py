"""Red, amber or green, by the rule of the contract: how the force rates is not public."""

from collections.abc import Mapping
from typing import Any


def rag_of(content: Mapping[str, Any], rule: Mapping[str, int]) -> str:
    """RED: involved and missing; AMBER: involved, or reported again and again."""
    is_serious = content["involvement"] == "INVOLVED"
    if is_serious and content["missing_count"] >= rule["red_missing_episodes"]:
        return "RED"
    return "AMBER" if is_serious or content["repeats"] >= rule["amber_repeats"] else "GREEN"
