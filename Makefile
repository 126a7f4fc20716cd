# The project's commands. `make` alone lists them. Needs: a Python 3.11 to 3.13 and a POSIX shell.
#   PYTHON=/path/to/python   which interpreter `make setup` uses (otherwise it finds one)

VENV   = .venv
BIN    = $(VENV)/bin
STAMP  = $(VENV)/.up-to-date
LOCKS  = requirements.txt requirements-dev.txt requirements-worker.txt
PIP    = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup lock clean

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

# One resolution for all Pythons and platforms. Host names of package registries stay out of the files, so any mirror serves.
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

lock: setup ## refresh the locked dependencies (UPGRADE=1: to the newest versions that pyproject.toml allows)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.11 --group dev pyproject.toml --output-file requirements-dev.txt
	$(COMPILE) --python-version 3.11 --constraint requirements-dev.txt pyproject.toml --output-file requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --python-version 3.13 --no-deps --group pyproject.toml:worker --output-file requirements-worker.txt

clean: ## remove everything that make has built, the environment too
	rm -rf $(VENV) $(VENV)-bootstrap .azurite build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
