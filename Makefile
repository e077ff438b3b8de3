# eCRM Server: `make help` lists the targets. ARGS="..." is handed on to the command behind a target.

BIN := .venv/bin
ARGS ?=

# PostgreSQL and Redis drivers are optional; they are installed when a setting asks for one of them.
ifneq (,$(REDIS_URL)$(filter postgres%,$(DATABASE_URL)))
RUN_LOCK := services
else
RUN_LOCK := run
endif

# Without bytecode every start compiles every module anew, a second and more for each process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run services test lint format bench lock licences wheel clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## Set up what is missing and serve the demo company on http://localhost:8000
	@.ci/venv $(RUN_LOCK) && exec $(BIN)/ecrm run --demo $(ARGS)

services: ## Install the drivers of PostgreSQL and Redis
	@.ci/venv services

test: ## Run every test that this machine allows, and name what is left out
	@.ci/venv test && exec $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: ## Check style, types, layers and security
	@.ci/venv test && exec .ci/lint

format: ## Rewrite the sources in the house's format
	@.ci/venv test && $(BIN)/ruff check --fix --quiet . ; exec $(BIN)/ruff format .

bench: ## Measure speed and memory (a table and JSON)
	@.ci/venv test && exec $(BIN)/ecrm bench $(ARGS)

lock: ## Resolve the newest allowed dependencies into the lock files
	@exec .ci/lock

licences: ## Write THIRD_PARTY_LICENCES.md anew from what the locks name
	@.ci/venv test && exec $(BIN)/python -m tests.house.licences

wheel: ## Build the wheel and the source distribution into dist/
	@.ci/venv test && exec $(BIN)/python -m build --no-isolation --outdir dist .

clean: ## Remove the virtual environment, builds and caches; the instance stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './instance/*' -prune -exec rm -rf {} +
