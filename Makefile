# The few commands of Rookery. `make help` lists them; CONTRIBUTING.md says more.

VENV := .venv
BIN := $(VENV)/bin
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c '$(SUPPORTED)' 2>/dev/null && echo $$name && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
BENCHES = $(shell sed -n 's/^NAMES = //p' bench/__main__.py | tr -d '(",)')
LAWS := $(addprefix tests/engines/test_share_,laws.py small.py decide.py rounds.py) \
	$(addprefix tests/journey/test_,shared_laws.py fair_rounds.py cut_laws.py refusal_laws.py) tests/hub/test_shared_days.py
ARGS ?=

.PHONY: help demo test laws check bench soak clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@sed -n 's/^\([a-z%-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18
	@echo "benchmarks: $(BENCHES)"

demo: $(VENV)/.runtime  ## a seeded day of orders on the built-in network, from file to door
	$(BIN)/rookery demo $(ARGS)

test: $(VENV)/.dev  ## every test; ARGS="-k book" for some of them
	@$(BIN)/rookery warm
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

laws: $(VENV)/.dev  ## the laws of shared capacity on 100,000 random days each; some hours
	@$(BIN)/rookery warm
	ROOKERY_TRACES=$${ROOKERY_TRACES:-100000} ROOKERY_ACTIONS=$${ROOKERY_ACTIONS:-10} \
		ROOKERY_STATES=$${ROOKERY_STATES:-2000} $(BIN)/python -m pytest --numprocesses auto \
		-k "test_law or definition" $(LAWS) $(ARGS)

check: $(VENV)/.dev  ## lint, format, types; layers, tidiness and documentation
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layers.py tests/test_tidy.py tests/test_docs.py \
		tests/partners/folder/test_folder_pages.py

bench: $(VENV)/.dev  ## every benchmark, a table each; the numbers also in build/bench/
	$(BIN)/python -m bench $(ARGS)

bench-%: $(VENV)/.dev  ## one benchmark, by its name
	$(BIN)/python -m bench.$* $(ARGS)

soak: $(VENV)/.dev  ## the served hub at half load for a quarter of an hour
	$(BIN)/python -m bench.soak $(ARGS)

clean:  ## remove everything that the commands above have made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment is kept, and made anew when pyproject.toml changes.

$(VENV)/.runtime: pyproject.toml
	@test -n "$(PYTHON)" || { echo "wanted Python 3.11 to 3.13 with venv and ensurepip, found none on the PATH;" \
		"install one (on Debian and Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=..." >&2; exit 1; }
	@echo "installing Rookery into $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "installing what tests and checks need into $(VENV)"
	@$(PIP) install --editable '.[dev]'
	@touch $@
