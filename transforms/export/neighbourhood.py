"""The children of one neighbourhood, for its Safeguarding and Disruption meeting; or of a cohort, for its workers."""

from typing import ClassVar

from transforms.export.exporter import Exporter, Groups


class Neighbourhood(Exporter):
    """A list for people; one row a child."""

    schema = "neighbourhood"
    part = "children"
    groups: ClassVar[Groups] = {"child": ("category",), "accuracy": ("accuracy",)}
