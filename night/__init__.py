"""What happens in one night?

Nine stages in this order, one module each: pull, land, normalise, link, reconcile, validate, export, deliver, report.
A stage is `stage(run) -> counts`: it reads the folders of earlier stages, writes and seals only its own, and repeats to
the same bytes. The DAG and `clvt replay` run the same functions in the same order.
"""
