"""How are pages made of templates? Every value is escaped, and a name that nobody gave is an error."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates(package: str, filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """The templates of a package, with these filters."""
    made = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= filters
    return made
