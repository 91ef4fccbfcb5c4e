"""export: what leaves the force, for whom, and in what form.

Who may know of which child, which facts may leave, what each recipient holds already, and the documents that tell
the difference. No file is written here: the documents are bytes. `drops.drops` makes all of them for
a night, with rows of `outgoing`, `disclosure`, `holding`, `held_back`, `sequence` and `notice` (columns: their
contracts). What it may disclose, and when it has to correct: Data Protection Act 2018 Part 3, s.38(5) above all.
"""
