# Everything sets itself up: a machine with Python 3.11 or newer (with venv) and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests run on two processes; PYTEST_ARGS narrows them down: make test PYTEST_ARGS="-k journal".
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check services bench pictures format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## walk the bundled upgrade of a small real service
	@# Step by step where there is a terminal, else with the answers that ship with it.
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/wizard demo; else $(BIN)/wizard demo --unattended; fi

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

check: $(STAMP) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

services: ## install the real parts that tests need (Debian, as root)
	tests/services/install

bench: $(STAMP) ## measure, side by side with a peer
	for file in benchmarks/[a-z]*.py; do $(BIN)/python $$file || exit 1; done

pictures: $(STAMP) ## draw the screens (build/pictures, those of the README in screens/pictures)
	$(BIN)/python -m tests.screens.pictures.draw build/pictures

format: $(STAMP) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
