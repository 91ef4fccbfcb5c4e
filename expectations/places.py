"""Which authority or force does a text name, and in whose area does it lie?

The children's services authorities of the UK stand in `reference/authorities.csv` by ONS code, each with its police
force. A site has names of its own for its authorities (CITY): tables hold that, or else the ONS code.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from expectations.reference import codes

Listed = Mapping[str, str]  # a row of a reference list

_SIGNS = re.compile(r"[^a-z0-9]+")
_BEFORE = re.compile(r"^(?:the )?(?:(?:london |royal |metropolitan )?borough of |city of |county of |county )")
_AFTER = re.compile(
    r"(?: (?:city|county|borough|metropolitan borough|metropolitan district|district))? council$| city$"
)
_COUNTY = re.compile(r" county(?: council)?$")


@dataclass(frozen=True)
class Own:
    """What a site says of an authority of its own: its name for it, the ONS code where given, and further spellings."""

    code: str
    name: str
    ons: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Authority:
    """A children's services authority: `code` as tables hold it, and the force in whose area it lies.

    `force` is empty where neither the list nor the site gives that force's code.
    """

    code: str
    ons: str
    name: str
    country: str
    region: str
    force: str
    force_name: str


class Places:
    """The authorities and forces of the country, as one force names them.

    `force_codes` gives codes by the list's name of a force, where the list has none; `listed` replaces the list itself.
    """

    def __init__(
        self,
        own: Iterable[Own] = (),
        force: str = "",
        force_name: str = "",
        force_codes: Mapping[str, str] | None = None,
        listed: Sequence[Listed] | None = None,
    ) -> None:
        rows = codes("authorities") if listed is None else listed
        self._own = tuple(own)
        self._force = (force, force_name)
        self._force_codes = force_codes or {}
        self._rows = {row["code"]: row for row in rows}
        self._listed = {_plain(name): row["code"] for row in rows for name in (row["code"], *_spellings(row["name"]))}

    def authority(self, text: str | None) -> Authority | None:
        """The authority that a text names by any of its names or codes, whatever the case; None where it names none."""
        return self._by_name.get(_known_as(text or "", self._by_name))

    def name(self, code: str | None) -> str:
        """What people call the authority of a code; the text itself where it is none."""
        found = self.authority(code)
        return found.name if found else code or ""

    def force_name(self, code: str | None) -> str:
        """The name of a force by its code; the code itself where it is none."""
        return self._forces.get(code or "") or code or ""

    def force(self, text: str | None) -> str:
        """The code of the force that a text names by its code or a name; empty where it names none."""
        return self._force_named.get(_plain(text or ""), "")

    @cached_property
    def _force_named(self) -> dict[str, str]:
        names = list(self._forces.items())
        names += [(one.force, one.force_name) for one in self.all if one.force]
        names += [(code, _spellings(given)[-1]) for code, given in names]
        return {_plain(name): code for code, given in names for name in (code, given, f"{given} police")}

    @cached_property
    def all(self) -> tuple[Authority, ...]:
        """Every authority: the site's own first, then the others of the list."""
        own = [self._of_own(one) for one in self._own]
        taken = {one.ons for one in own}
        return (*own, *(self._of_list(row) for ons, row in self._rows.items() if ons not in taken))

    def _of_own(self, own: Own) -> Authority:
        names = (_known_as(text, self._listed) for text in (own.ons, own.code, own.name))
        row = self._rows.get(next((self._listed[name] for name in names if name in self._listed), ""), {})
        region = (row.get("country", ""), row.get("region", ""))
        return Authority(own.code, row.get("code", ""), own.name, *region, *self._force)

    def _of_list(self, row: Listed) -> Authority:
        force = self._force_codes.get(row["force"]) or row["force_code"]
        return Authority(row["code"], row["code"], row["name"], row["country"], row["region"], force, row["force"])

    @cached_property
    def _by_name(self) -> dict[str, Authority]:
        """Authorities by every name that they are known by; the site's own names come before the list's."""
        found: dict[str, Authority] = {}
        synonyms = {own.code: own.synonyms for own in self._own}
        for one in self.all:
            for name in (one.code, one.name, *synonyms.get(one.code, ()), one.ons):
                found.setdefault(_plain(name), one)
        by_ons = {one.ons: one for one in self.all}
        for name, ons in self._listed.items():
            found.setdefault(name, by_ons[ons])
        found.pop("", None)
        return found

    @cached_property
    def _forces(self) -> dict[str, str]:
        listed = {one.force: one.force_name for one in self.all if one.force}
        return {row["code"]: row["name"] for row in codes("forces") if len(row["code"]) == 2} | listed


def _spellings(name: str) -> tuple[str, ...]:
    """The list writes `Bristol, City of` for what people call Bristol or City of Bristol."""
    stem, _, kind = name.partition(", ")
    return (name, stem, f"{kind} {stem}") if kind.endswith(" of") else (name,)


def _plain(text: str) -> str:
    return _SIGNS.sub(" ", text.casefold().replace("&", " and ")).strip()


def _known_as(text: str, known: Mapping[str, object]) -> str:
    """The name of `known` that a text stands for, as it is or without what councils put around it.

    "Nottingham County Council" may mean Nottingham or Nottinghamshire: it stands for neither, and a person is asked.
    """
    plain = _plain(text)
    stem = _COUNTY.sub("", plain)
    if plain in known or (stem != plain and f"{stem}shire" in known):
        return plain
    short = _BEFORE.sub("", _AFTER.sub("", plain))
    return next((name for name in (short, f"county {short}", f"{short} city") if name in known), plain)
