"""The tracker as a partner may have it: the ratified entries, with the fields of the partner's own contract."""

from typing import ClassVar

from transforms.export.exporter import Exporter, Groups


class TrackerShare(Exporter):
    """A list for people; one row a child."""

    schema = "tracker_share"
    part = "tracker"
    brief = (
        *("date_of_birth", "age", "gender", "postcode", "policing_area"),
        *("local_authority", "status", "added_on", "nrm_status"),
    )
    groups: ClassVar[Groups] = {"entry": ("category",), "accuracy": ("accuracy",)}
