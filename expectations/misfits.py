"""What of a force's settings is right in itself, and does not fit the rest?

A place that lies elsewhere by the national list, a panel or an authority whose children nobody would be told of, an
answer that is still a question mark: each is a sentence for people, before any night.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from expectations.recipients import FRONT_DOOR, Recipient, values
from expectations.settings import line_of, unanswered
from expectations.site import Site


def of_site(site: Site, written: Mapping[str, Any]) -> list[str]:
    """What of the site's places does not fit the list of authorities, or each other; `written` has the file's lines."""
    return [*_answers(written), *_elsewhere(site, written), *_without_authority(site, written)]


def of_recipients(site: Site, recipients: Iterable[Recipient]) -> list[str]:
    """Authorities and panels of the site whose children no recipient would be told of."""
    known = list(recipients)
    doors = {place for one in known if one.exporter == FRONT_DOOR for place in _wanted(one, "authority")}
    heard = {panel for one in known for panel in (*_wanted(one, "panel"), one.settings.get("panel"))}
    wrong = [
        f"local_authorities.{code}: no recipient with exporter {FRONT_DOOR} has population.where.authority {code}, so "
        "that its front door would hear of no child: write its contract"
        for code in site.local_authorities
        if code not in doors
    ]
    return wrong + [
        f"local_authorities.{code}.panel: no recipient has settings.panel {one.panel}: write its contract, or "
        "leave the panel empty"
        for code, one in site.local_authorities.items()
        if one.panel and one.panel not in heard
    ]


def of_recipient(site: Site, one: Recipient) -> list[str]:
    """What of one contract waits for an answer, or names a panel that there is not."""
    panel = one.settings.get("panel")
    lost = panel is not None and panel not in site.all_panels
    at = line_of(one.raw, ("settings", "panel"))
    known = ", ".join(sorted(site.all_panels)) or "none"
    return [
        *_answers(one.raw),
        *([f"{at}settings.panel is {panel}, and the site has the panels {known}"] if lost else []),
    ]


def _answers(written: Mapping[str, Any]) -> Iterator[str]:
    for path in unanswered(written):
        yield f"{line_of(written, path)}{'.'.join(path)} is still a question mark: the comment there says who knows"


def _wanted(one: Recipient, name: str) -> tuple[str, ...]:
    return values(one.population.where.get(name, ()))


def _elsewhere(site: Site, written: Mapping[str, Any]) -> Iterator[str]:
    """Authorities that the list does not know, or has in another force's area."""
    listed = {one.ons: one for one in site.nation.all}
    for code in site.local_authorities:
        own = site.places.authority(code)
        at = line_of(written, ("local_authorities", code))
        row = listed.get(own.ons) if own else None
        if row is None:
            yield (
                f"{at}local_authorities.{code} is none of the national list by its name: give its code there as `ons`, "
                "or a list of your own as authorities.csv"
            )
        elif row.force and row.force != site.force_code:
            yield (
                f"{at}local_authorities.{code} is {row.name}, which lies in the area of force {row.force} "
                f"({row.force_name}), and this site is force {site.force_code}'s"
            )


def _without_authority(site: Site, written: Mapping[str, Any]) -> Iterator[str]:
    for area, given in site.policing_areas.items():
        if not given:
            at = line_of(written, ("policing_areas", area))
            yield f"{at}policing_areas.{area} names no authority: whose children live there is asked of each"
