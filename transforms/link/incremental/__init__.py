"""What makes a night cost only its new mentions?

The same people come out without this room: `link` decides everything from nothing, and a test holds both equal. That
takes about a second for 30,000 mentions and three for 100,000, so that one force never needs what stands here. It pays
from some 100,000 mentions on; for a million, a night of a thousand new ones takes one or two seconds instead of half a
minute.

`mentions` (values as hashes that mean the same every night), `index` (immutable segments, one a night, with block keys,
counts and pairs; small ones are merged), `changes` (which mentions a night has to decide again). A segment is kept in
the folder of its night by `connectors.store.segments`, which is this room's too and stands there because transforms
read and write nothing. A lost or outdated index is made again.
"""
