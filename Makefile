# `make` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup nightly fuzz test check mutants faults forces region machines lock clean

help: ## list everything
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## install the pipeline into .venv

nightly: $(VENV)/.runtime ## run one night through Airflow; DATE=2022-11-23, SCENARIO=folder
	@sh setup/packages night
	@$(BIN)/clvt nightly $(if $(DATE),--date $(DATE)) $(if $(SCENARIO),--scenario "$(SCENARIO)")

fuzz: $(VENV)/.tested ## try 20,000 changed and made-up inputs of each kind on every reader
	CLVT_FUZZ=20000 $(BIN)/python -m pytest tests/land/test_fuzz.py --timeout=7200

test: $(VENV)/.tested ## set up, and run every test
	@sh setup/packages tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.tested ## lint, types, import arrows and column names; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_arrows.py tests/test_columns.py

mutants: $(VENV)/.tested ## change each rule a little, and print which change no test notices
	$(BIN)/python -m tests.mutants

faults: $(VENV)/.tested ## hit the night with planned faults and random kills, and print what was lost or doubled
	@sh setup/packages tests
	$(BIN)/python -m tests.faults.campaign

forces: $(VENV)/.tested ## eight weeks of nights of three other forces, held against their truth: who was told (some minutes)
	$(BIN)/python -m bench.forces

region: $(VENV)/.tested ## run three forces in one Airflow for two weeks, and print what of one is found with another
	@sh setup/packages tests
	$(BIN)/python -m tests.night.region --nights 14

machines: $(VENV)/.tested ## nights on two Celery workers, Airflow lost and restored between them: what was lost or sent twice (some minutes)
	@sh setup/packages tests
	$(BIN)/python -m tests.compose.machines

lock: ## resolve requirements/*.in into the locks, with hashes and without any host name
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    requirements/runtime.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    -c requirements/runtime.txt requirements/spark.in -o requirements/spark.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    -c requirements/runtime.txt requirements/platform.in -o requirements/platform.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    -c requirements/runtime.txt requirements/test.in -o requirements/test.txt

clean: ## remove the environment; data homes stay
	rm -rf $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@sh setup/python $(PYTHON) $(VENV) requirements/runtime.txt
	@touch $@

$(VENV)/.tested: requirements/test.txt $(VENV)/.runtime
	@sh setup/python $(PYTHON) $(VENV) requirements/test.txt
	@touch $@
