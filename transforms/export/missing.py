"""The list of the missing-from-home coordinator: who is missing now, whom to interview, who goes missing most often?"""

from datetime import date
from typing import Any, ClassVar

from transforms.export.exporter import Exporter, Groups
from transforms.export.holdings import Operation


class Missing(Exporter):
    """A list for people; one row a child, in the order in which somebody has to act."""

    schema = "missing_from_home"
    part = "children"
    everywhere = True
    needs_fields = ("is_missing", "missing_count", "return_interviews")
    brief = (
        *("date_of_birth", "missing_now", "missing_count", "return_interviews"),
        *("local_authority", "placing_authority", "lead_officer"),
    )
    groups: ClassVar[Groups] = {"child": ("category",), "accuracy": ("accuracy",)}

    def rank(self, one: Operation) -> tuple[Any, ...]:
        """Who is missing now, then who came back last and was not interviewed, then who went missing most often."""
        content = one.record.content
        waiting = max(
            (date.fromisoformat(item["due"]) for item in content.get("return_interviews") or ()), default=date.min
        )
        often = content.get("missing_count") or 0
        return not content.get("is_missing"), -waiting.toordinal(), -often, *super().rank(one)
