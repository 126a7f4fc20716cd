# The project's commands. `make` alone lists them. Needs: a Python 3.11 to 3.13 and a POSIX shell.
#   PYTHON=/path/to/python   which interpreter `make setup` uses (otherwise it finds one)

VENV   = .venv
BIN    = $(VENV)/bin
STAMP  = $(VENV)/.up-to-date
LOCKS  = requirements.txt requirements-dev.txt requirements-worker.txt
PIP    = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup setup-azurite setup-browser demo start test laws check infra-schemas format lock bench mutants clean

# How many tests run side by side.
WORKERS = 2
PYTEST  = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup --no-loadscope-reorder
AZURITE = tools/azurite/node_modules/.package-lock.json
AXE     = tools/axe/node_modules/.package-lock.json

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

setup: $(STAMP) ## install everything that the project needs into .venv

# The worker's runtime is installed apart: its metadata asks for Python 3.13, and on 3.11 and 3.12 it works as well.
$(STAMP): requirements-dev.txt requirements-worker.txt pyproject.toml
	@sh tools/create-venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --require-hashes --no-deps --ignore-requires-python -r requirements-worker.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup-azurite: $(AZURITE) ## install Azurite, the local Azure Storage, into tools/azurite/node_modules

# npm writes this file last; it is the stamp.
$(AZURITE): tools/azurite/package.json tools/azurite/package-lock.json | $(STAMP)
	@echo "Installing Azurite ..."
	@sh tools/npm ci --prefix tools/azurite --ignore-scripts --loglevel error
	@touch $(AZURITE)

setup-browser: $(AXE) ## install what the pages are looked at with: axe-core, and Chromium where none is and apt may be used
	@sh tools/get-chromium

$(AXE): tools/axe/package.json tools/axe/package-lock.json | $(STAMP)
	@echo "Installing axe-core ..."
	@sh tools/npm ci --prefix tools/axe --ignore-scripts --loglevel error
	@touch $(AXE)

demo: setup setup-azurite ## the tour: a seeded registry planned, explained, purged, on this machine only
	@$(BIN)/python -m demo

start: setup setup-azurite ## run the Function app locally: with `func` when it is installed, else with the development host
	@$(BIN)/python -m devhost.start

# The order (quickest stage first) is the work of tests/conftest.py.
test: setup setup-azurite setup-browser ## all tests, the quick ones first (ARGS="-k name" passes options to pytest)
	$(PYTEST) $(ARGS)

laws: setup ## the laws again, with 2,000 generated examples each (some ten minutes)
	HYPOTHESIS_PROFILE=ci $(PYTEST) tests/property --timeout 3000 $(ARGS)

check: setup ## style, format, types, layers, infra/
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m infra_check

infra-schemas: setup ## fetch the vendor's schemas that infra/ is checked against anew
	$(BIN)/python -m infra_check.refresh

format: setup ## put the code into the common format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## measure requests, memory and time (ARGS=many-tags for one; with ACR_BIN=/path/to/acr side by side)
	@$(BIN)/python -m bench $(ARGS)

# From scratch each time: mutmut would reuse results that newer tests have changed.
mutants: setup ## break the core on purpose and list what no test notices (takes long; ARGS='purge_core.durations*' for one module)
	rm -rf mutants
	HYPOTHESIS_PROFILE=mutants $(BIN)/mutmut run $(if $(ARGS),'$(ARGS)')
	@$(BIN)/mutmut results --all true | $(BIN)/python tools/mutation_score.py

# One resolution for all Pythons and platforms. Host names of package registries stay out of the files, so any mirror serves.
COMPILE = $(BIN)/uv pip compile --quiet --system-certs --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

lock: setup ## refresh the locked dependencies (UPGRADE=1: to the newest versions that pyproject.toml allows)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 --group dev pyproject.toml --output-file requirements-dev.txt
	$(COMPILE) --python-version 3.11 --constraint requirements-dev.txt pyproject.toml --output-file requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.13 --no-deps --group pyproject.toml:worker --output-file requirements-worker.txt

clean: ## remove everything that make has built, the environment too
	rm -rf $(VENV) $(VENV)-bootstrap .azurite tools/azurite/node_modules tools/axe/node_modules build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
