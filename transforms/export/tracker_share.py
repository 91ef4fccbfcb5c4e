"""The tracker as a partner may have it: the ratified entries, with the fields of the partner's own contract."""

from typing import ClassVar

from transforms.export.exporter import Exporter, Groups


class TrackerShare(Exporter):
    """A list for people; one row a child."""

    schema = "tracker_share"
    part = "tracker"
    groups: ClassVar[Groups] = {"entry": ("category",), "accuracy": ("accuracy",)}
