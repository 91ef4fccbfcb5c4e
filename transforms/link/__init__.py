"""Which mentions are one person, under which id, and what must a person decide?

`link` does a night's work: it scores the pairs that new mentions bring, decides again only what they or new
decisions touch, and comes to the same people as starting from nothing. `link_alone` links one table by itself.
"""

from transforms.link.alone import explain, link_alone
from transforms.link.tonight import NOTHING, Earlier, Linked, link

__all__ = ["NOTHING", "Earlier", "Linked", "explain", "link", "link_alone"]
