"""export: what leaves the force, for whom, and in what form.

Who may know of which child, which facts may be told, what each recipient holds already, and the documents that tell
the difference. No file is written here: the documents are bytes.
"""
