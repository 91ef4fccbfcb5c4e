"""Which other authorities and forces are on board, and what contract has each?

One template each for authorities and for forces, in `recipients/templates/`; a data home's `recipients/on_board.yml`
lists those who are on board, each with its connection, its key, and whatever else is its own:

    authorities:
      Birmingham: {connection: partner_birmingham, key: "0123…"}
    forces:
      "20": {connection: partner_west_midlands, key: "89AB…", agreement: {…}}
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from expectations.places import Places
from expectations.settings import Unusable, laid_over, mapping_of, unlined
from expectations.site import load

ON_BOARD = "on_board"  # the name of the list's file
TEMPLATES = {"authorities": "authority", "forces": "force"}  # by heading of the list; also keys of `population.where`
FOLDER = Path(__file__).parent / "recipients" / "templates"


def contracts(listed: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the contract of each who is on the list; Unusable, with a sentence, where it names nobody."""
    places = load().nation
    for heading, given in listed.items():
        if heading not in TEMPLATES or not isinstance(given, dict | None):
            raise Unusable(f"{heading} is no list of {' or '.join(TEMPLATES)}")
        for written, own in (given or {}).items():
            code = _code(places, TEMPLATES[heading], str(written))
            if not code or not isinstance(own, dict | None):
                raise Unusable(f"{written} is none of the {heading}: give its name, or its code in quotes")
            yield contract(TEMPLATES[heading], code, places, own or {})


def contract(template: str, code: str, places: Places, own: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(name, contract) of an authority or force, with what is its own laid over the template."""
    common = unlined(mapping_of((FOLDER / f"{template}.yml").read_text(encoding="utf-8")))
    name = places.force_name(code) if template == "force" else places.name(code)
    given = dict(own)
    short = {"connection": given.pop("connection", None), "fingerprint": given.pop("key", None)}
    mine = {
        "title": common["title"].format(name=name),
        "population": {"where": {template: code}},
        "delivery": {key: value for key, value in short.items() if value},
    }
    return f"{template}_{code.lower()}", laid_over(laid_over(common, mine), given)


def _code(places: Places, template: str, written: str) -> str:
    if template == "force":
        return places.force(written)
    found = places.authority(written)
    return found.code if found else ""
