"""The children of one neighbourhood, for its Safeguarding and Disruption meeting; or of a cohort, for its workers."""

from typing import ClassVar

from transforms.export.exporter import Exporter, Groups


class Neighbourhood(Exporter):
    """A list for people; one row a child."""

    schema = "neighbourhood"
    part = "children"
    brief = (
        *("rag", "date_of_birth", "age", "gender", "postcode", "policing_area", "status"),
        *("involvement", "themes", "missing_count", "visited_on", "toolkit_on", "nrm_status", "lead_officer"),
    )
    groups: ClassVar[Groups] = {"child": ("category",), "accuracy": ("accuracy",)}
