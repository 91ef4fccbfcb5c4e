"""Which mentions are one person, under which id, and what must a person decide?

`link_night` does a night's work: it scores the pairs that new mentions bring, decides again only what they or new
decisions touch, and comes to the same people as `link`, which decides everything. `link_alone` links one table by
itself, and `explain` says why of two mentions.
"""

from transforms.link.alone import link_alone
from transforms.link.explain import Explanation, explain
from transforms.link.incremental.index import Segment
from transforms.link.linking import NOTHING, Earlier, Linked, decisions_about, link, link_night

__all__ = [
    "NOTHING",
    "Earlier",
    "Explanation",
    "Linked",
    "Segment",
    "decisions_about",
    "explain",
    "link",
    "link_alone",
    "link_night",
]
