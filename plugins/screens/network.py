"""Who is tied to whom, where do children live and where were they seen, and how did the year go?"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from night.report import seen_at
from screens.access import Reviewer
from screens.desk import desk
from screens.pages import shown
from transforms.report.balance import curve
from transforms.report.charts import line_chart
from transforms.report.network import areas, network_of, ties, tile_map
from transforms.report.questions import named

router = APIRouter(prefix="/network")


@router.get("")
def network(request: Request, user: Reviewer) -> HTMLResponse:
    """The network, the tile map and the year's curve, each with its table."""
    at = desk(request)
    on = at.contents.on_tracker
    found = ties(on, seen_at(at.contents), at.contents.line_names)
    names = {child["person_id"]: named(child) or str(child["tracker_id"]) for child in on}
    tiles = areas(at.run.site.policing_areas, at.run.rows("reconcile", "place"), set(names))
    months, on_tracker = curve(at.contents)
    at.shown_to(user, "network", {one for tie in found for one in tie.children})
    return shown(
        request,
        "network.html",
        contents=at.contents,
        ties=found,
        names=names,
        network=network_of(found, names),
        areas=tiles,
        tiles=tile_map(tiles),
        months=list(zip(months, on_tracker.values, strict=True)),
        curve=line_chart("Children on the tracker over twelve months", months, [on_tracker]),
    )
