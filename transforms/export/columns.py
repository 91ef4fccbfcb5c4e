"""A list in the recipient's own columns, for a hospital's or a youth service's system: no code is needed for one.

`settings.columns` of the contract gives each column its heading and what stands in it: a field of the contract, or one
of `OF_THE_RECORD`. A field that is inherited and has no column is left out with `no`: what leaves is said in one place.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from expectations.recipients import Recipient
from transforms.export.document import Sheet, as_json, text
from transforms.export.exporter import FACTS, Drop, Exporter, ended
from transforms.export.holdings import Operation

OF_THE_RECORD = ("record_ref", "operation", "accuracy", "as_of", "marking")
NEEDED = ("record_ref", "operation", "accuracy")  # or nobody could say what ended, or how far a fact can be relied on


class Columns(Exporter):
    """One row a child, in the columns of the contract."""

    schema = "columns"
    part = "children"
    formats = ("csv", "xlsx", "json")
    needs_settings: ClassVar[tuple[str, ...]] = ("columns",)

    def lacking(self, recipient: Recipient) -> list[str]:
        """What is wrong with the columns of a contract."""
        columns = recipient.settings.get("columns", {})
        if not isinstance(columns, dict):
            return ["settings.columns must be a block: for each heading what stands in its column"]
        known = {*recipient.fields, *OF_THE_RECORD}
        wrong = [
            f"settings.columns.{heading} names {source}: it is no field of the contract, nor {', '.join(OF_THE_RECORD)}"
            for heading, source in columns.items()
            if str(source) not in known
        ]
        wrong += [f"settings.columns has no column for {name}" for name in NEEDED if name not in columns.values()]
        return wrong + [
            f"settings.columns has no column for the field {name}: give it one, or write `{name}: no` below fields"
            for name in recipient.fields
            if name not in columns.values()
        ]

    def table(self, drop: Drop) -> Sheet:
        """The list in the recipient's columns."""
        rows = [[text(value) for value in self._row(drop, one).values()] for one in drop.operations]
        return Sheet(FACTS, list(drop.recipient.settings["columns"]), rows)

    def sheets(self, drop: Drop) -> list[Sheet]:
        """The list, and what the endings mean."""
        return [self.table(drop), *self.endings(drop)]

    def _row(self, drop: Drop, one: Operation) -> dict[str, Any]:
        known = {
            **self._content(one),
            "record_ref": one.record.ref,
            "operation": one.operation,
            "as_of": drop.as_of.isoformat(),
            "marking": drop.recipient.marking,
        }
        return {heading: known.get(source) for heading, source in drop.recipient.settings["columns"].items()}

    def _json(self, drop: Drop) -> bytes:
        head: Mapping[str, Any] = {"schema": self.schema, "version": drop.recipient.version, **drop.about()}
        endings = [
            {"record_ref": one.record.ref, **ended(drop, one)}
            for one in drop.operations
            if one.operation in ("DELETE", "ENDED")
        ]
        return as_json({**head, "records": [self._row(drop, one) for one in drop.operations], "endings": endings})
