"""For which forces does this installation make nights, and where is the home of each?

One force's home is what `CLVT_HOME` names. Of several, `CLVT_HOMES` names the list, and whatever has to be kept apart
derives from it: DAG, connections, register, permissions and addresses. An entry that may not stand beside the others is
refused alone.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass as settings

from connectors.store.paths import Home
from expectations.settings import FORM, Unusable, made_of, settings_of
from expectations.site import force_code

HOME, HOMES = "CLVT_HOME", "CLVT_HOMES"
OF_A_FORCE = ("CLVT_REGISTER", "CLVT_REGISTER_OWNER", "CLVT_REGISTER_KEY", "CLVT_ANCHORS")


class ListUnusable(Exception):
    """The list of homes cannot be used, or has no such force; the sentence says what to do."""


def _prefix(given: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*_", given):
        raise ValueError("must be small letters and digits that end in _, such as leics_")
    return given


@settings(frozen=True, config=FORM)
class Entry:
    """What the list says of a force: its code, its home, and what the ids of its connections begin with."""

    force: Annotated[str, AfterValidator(force_code)]
    home: str
    connections: Annotated[str, AfterValidator(_prefix)]


@dataclass(frozen=True)
class Force:
    """A force of this installation.

    `name` tells it from the others: its code, empty where it is the only one. `connections` is what the ids of its
    connections begin with, `refusal` why nothing may be done for it, where that is so.
    """

    name: str
    home: Home
    connections: str = ""
    refusal: str = ""

    @property
    def dag_id(self) -> str:
        """The DAG that makes its nights."""
        return self._own("nightly", "_")

    def permission(self, resource: str) -> str:
        """One of our permissions, for this force's pages alone."""
        return self._own(resource, " ")

    def connection(self, name: str) -> str:
        """The id of the connection that its settings call so."""
        return f"{self.connections}{name}"

    def setting(self, variable: str) -> str:
        """What a variable of the environment says for this force, or the file that the one with _FILE names.

        Empty where neither is set.
        """
        name = self._own(variable, "_")
        file = os.environ.get(f"{name}_FILE")
        return Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, "")

    def _own(self, word: str, sign: str) -> str:
        return f"{word}{sign}{self.name}" if self.name else word


def are_several() -> bool:
    """True where the installation has a list of homes."""
    return bool(os.environ.get(HOMES))


def forces() -> list[Force]:
    """Every force of this installation, in the order of the list; ListUnusable where the list cannot be read."""
    if not are_several():
        return [Force("", Home(Path(os.environ.get(HOME) or "data").resolve()))]
    return _listed(Path(os.environ[HOMES]).resolve())


def force_of(home: Home) -> Force:
    """The force whose home this is; one of no name where the home is in no list, as that of a rehearsal."""
    found = [one for one in forces() if one.home.root == home.root.resolve()] if are_several() else []
    return min(found, key=lambda one: bool(one.refusal), default=Force("", home))


def force_named(name: str) -> Force:
    """The force of this name; ListUnusable where there is none."""
    found = {one.name: one for one in forces()}
    if name not in found:
        which = f"There is no force {name} here" if name else "Several forces have a home here"
        raise ListUnusable(f"{which}: {HOMES} names {', '.join(found)}. Name one with --home.")
    return found[name]


def _listed(file: Path) -> list[Force]:
    raw = _raw(file)
    read = [_read(file, number, one) for number, one in enumerate(raw, 1)]
    nights_first = sorted(range(len(read)), key=lambda at: read[at].home.force_code() is None)
    for at in nights_first:
        before = [read[other] for other in nights_first[: nights_first.index(at)] if not read[other].refusal]
        wrong = read[at].refusal or next(_against(read[at], before), "")
        read[at] = replace(read[at], refusal=f"Entry {at + 1} of {file}: {wrong}." if wrong else "")
    return [_distinct(read, at) for at in range(len(read))]


def _raw(file: Path) -> list[Any]:
    for_all = [name for name in OF_A_FORCE if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    try:
        found = settings_of(file)
        if set(found) != {"forces"} or not isinstance(found["forces"], list) or not found["forces"]:
            raise Unusable(
                "it has to be `forces:` and below it a line `- {force: …, home: …, connections: …}` for each"
            )
        if for_all:
            raise Unusable(f"{for_all[0]} would be one for all forces: set {for_all[0]}_<code> for each of them")
    except (Unusable, OSError) as error:
        why = error if isinstance(error, Unusable) else "there is no such file that can be read"
        raise ListUnusable(f"The list of homes {file} ({HOMES}) cannot be used: {why}.") from None
    return list(found["forces"])


def _read(file: Path, number: int, raw: Any) -> Force:
    """An entry as it stands, with what is wrong with it alone."""
    given = raw if isinstance(raw, dict) else {}
    name, wrong = f"entry_{number}", ""
    with suppress(ValueError, TypeError, KeyError):
        name = force_code(given["force"])
    try:
        made_of(Entry, raw, raw)
    except Unusable as error:
        wrong = str(error)
    home = (file.parent / str(given.get("home") or name)).resolve()
    return Force(name, Home(home), str(given.get("connections") or ""), wrong)


def _against(one: Force, before: list[Force]) -> Iterator[str]:
    """What speaks against an entry, beside those that stand."""
    written = one.home.force_code()
    if written not in (None, one.name):
        yield f"the home {one.home.root} belongs to force {written}, not to force {one.name}"
    for other in before:
        if one.name == other.name:
            yield f"force {one.name} has a home in another entry, {other.home.root}, and a force has one home"
        if one.home.root in (other.home.root, *other.home.root.parents) or other.home.root in one.home.root.parents:
            yield f"the home {one.home.root} is that of force {other.name}, {other.home.root}, or in or around it"
        if one.connections.startswith(other.connections) or other.connections.startswith(one.connections):
            yield (
                f"connections that begin with {one.connections} may be those of force {other.name}, which begin with "
                f"{other.connections}"
            )


def _distinct(read: list[Force], at: int) -> Force:
    """A refused entry leaves its force's name to another that has it."""
    one = read[at]
    others = {other.name for number, other in enumerate(read) if number != at}
    return replace(one, name=f"entry_{at + 1}") if one.refusal and one.name in others else one
