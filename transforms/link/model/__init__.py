"""The model: what makes two mentions one person?

Everything that decides who is who, for any number of mentions and in whatever night. In the order of a linkage:
`columns` (values as numbers, and how common each is, with `names` and `namesakes`), `blocking` (which pairs are
compared), `score` (how alike they are, by the levels and weights of `settings`; `splink_model` is the same for Splink),
`evidence` (what kind of evidence a pair is), `decide` and `groups` (who is united, and why not), `rulings` (what people
decided), `questions` (what a person is asked). `../MODEL.md` says how the numbers came about. An `engine` finds and
scores all pairs.

Nothing here knows of nights: `transforms.link.incremental` builds on this room and this room never on it. It pays from
two mentions on.
"""
