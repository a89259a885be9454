# Every target explains itself: `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup serve test test-quick test-slow test-rasa web screenshots check format lock lock-rasa bench clean

PYTHON ?= python3
VENV := .venv/bin

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## prepare .venv with everything for work on the code; start nothing
	@$(PYTHON) cc.py setup --dev

serve: ## run the contact centre on this machine
	@$(PYTHON) cc.py serve

test: ## the whole suite: static checks and tests, as CI runs it
	@$(PYTHON) cc.py test

test-quick: ## the suite without the static checks
	@$(PYTHON) cc.py test --quick

test-slow: ## the tests too long for every run (a set-up from a clean clone, ...)
	@$(PYTHON) cc.py test -m slow

web: setup ## check, test and build the pages of desk and chat (needs Node)
	@cd web && npm ci && npm run check && npm test && npm run build

test-rasa: ## the bot on a real Rasa server beside the embedded one (makes Rasa's environment: minutes, 3 GB)
	@$(PYTHON) cc.py test -m rasa tests/rasa_live

screenshots: setup ## make the pictures of docs/desk.md anew, of an engine that runs (needs Chromium)
	@$(VENV)/python -m tests.browser.screenshots

check: ## only the static checks: style, types, import direction
	@$(PYTHON) cc.py test tests/checks

format: setup ## rewrite the code in the project's format
	@$(VENV)/ruff check --fix --quiet .
	@$(VENV)/ruff format .

# Each later file is held to the versions of the earlier one, so dev.txt contains runtime.txt.
LOCK = $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml
lock: setup ## choose the newest dependencies pyproject.toml allows; write requirements/
	@$(VENV)/python -m pip install --quiet uv
	@$(LOCK) --upgrade --extra tracing --output-file requirements/runtime.txt
	@$(LOCK) --upgrade --extra english --constraint requirements/runtime.txt \
		--output-file requirements/english.txt
	@$(LOCK) --upgrade --extra dev --constraint requirements/runtime.txt \
		--output-file requirements/dev.txt
	@echo "requirements/ written; 'make test' installs and tests them"

lock-rasa: setup ## write requirements/rasa.txt: the hashes of what requirements/rasa.in names
	@$(VENV)/python -m pip install --quiet uv
	@$(VENV)/uv pip compile --quiet --no-deps --no-annotate --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock-rasa" --output-file requirements/rasa.txt requirements/rasa.in

bench: setup ## run every benchmark (see docs/benchmarks.md)
	@$(VENV)/python -m benchmarks.front_door
	@$(VENV)/python -m benchmarks.front_door --postgres
	@$(VENV)/python -m benchmarks.size
	@$(VENV)/python -m benchmarks.router
	@$(VENV)/python -m benchmarks.offer_latency
	@$(VENV)/python -m benchmarks.efficiency
	@$(VENV)/python -m benchmarks.bot
	@$(VENV)/python -m benchmarks.log_search
	@$(VENV)/python -m benchmarks.desk
	@$(VENV)/python -m benchmarks.desk --postgres

clean: ## remove caches and .venv; databases and recordings in var/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
