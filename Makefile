# `make` alone prints what there is. Every target makes its environment first.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo up test browser fuzz eval bench chaos chaos-day soak screenshots docs lock format audit sbom

help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make the environment in .venv (Python 3.11 to 3.13; nothing else is needed)

$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
	  || { echo "venv is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(READY)

demo: setup ## Run the whole stack with a stand-in gateway that plays messages; Ctrl-C stops it
	$(BIN)/twin up --demo

up: setup ## Run the whole stack with the settings from .env; Ctrl-C stops it
	$(BIN)/twin up

test: setup browser ## Check style, types, imports and every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup

browser: setup ## Find a browser for the tests, or install one
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	  || ls $${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}/chromium* >/dev/null 2>&1 \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	       && apt-get update -q && apt-get install -y -q chromium fonts-noto-core; } \
	  || $(BIN)/playwright install chromium \
	  || { echo "no browser: type  sudo apt-get install chromium fonts-noto-core" >&2; exit 1; }

fuzz: setup ## Send COUNT hostile inputs made from SEED through the readers and a receiver; the last line is a verdict
	$(BIN)/python -m tests.hostile.fuzz --count $(or $(COUNT),100000) --seed $(or $(SEED),1)

eval: setup ## Score every stage on the labelled messages, print the tables, write docs/quality.md
	$(BIN)/twin quality --write

bench: setup ## Measure, print the table, write bench/out/latest.json
	$(BIN)/python -m bench

SEED ?= 1
FAULTS ?= 100
NODES ?= 1
MESSAGES ?= 200000
CHAOS := $(BIN)/python -m tests.chaos --seed $(SEED) --nodes $(NODES) $(if $(WRITE),--write $(WRITE))

chaos: setup ## Break the running stack: SEED=… FAULTS=… (NODES=3 WRITE=docs/reliability.md); 1 on a loss or a double
	@$(CHAOS) --faults $(FAULTS)

chaos-day: setup ## A busy day's 10,000 messages at 50 times the speed, a fault every 10 s (29 minutes)
	@$(CHAOS) --replay-day

soak: setup ## Push MESSAGES=… through without faults and hold each service's memory against the bar
	@$(CHAOS) --soak $(MESSAGES)

screenshots: setup browser ## Take pictures of each page in both languages, into docs/images
	$(BIN)/python -m tests.browser.screenshots

docs: setup ## Write the generated files: settings, .env.example, AsyncAPI, schema
	$(BIN)/twin docs

lock: setup ## Write the lock files anew from pyproject.toml (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	  -o requirements/runtime.lock
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra dev --extra embedded -o requirements/dev.lock

audit: setup ## Ask what vulnerabilities are known of the locked packages; code 3 where nobody could be asked
	$(BIN)/python deploy/audit.py

sbom: setup ## Write sbom.json: what the image is made of, with hashes and licences (CycloneDX)
	$(BIN)/python deploy/sbom.py

format: setup ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
