# Every target sets up what it needs in .venv; no activated shell, no other tool than Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test test-completions test-clients test-oracle test-chaos check format generate pictures bench bench-streams bench-memory clean
.DEFAULT_GOAL := help

help:
	@echo "make demo        proxy, fake upstream, sample traffic, live tail, costs; needs no key"
	@echo "make test        the whole test suite"
	@echo "make check       format, lint, types, layers"
	@echo "make pictures    README's pictures of the full screen"
	@echo "make generate    reference, man page and completions, from the commands themselves"
	@echo "make test-completions  completion in bash, zsh and fish; installs those that are missing with apt-get"
	@echo "make test-chaos  ten rounds of every kill, and of 5,000 calls drained; questions while calls are recorded for a minute"
	@echo "make test-clients  the SDKs of each provider, in .clients/, against the fake one (network and node to install them)"
	@echo "make test-oracle   retries before llmock, in .clients/, which judges its clients (network to install it)"
	@echo "make bench       what a call costs beside direct, nginx and a bare pump (needs nginx and wrk), and what a command takes to start"
	@echo "make bench-streams  what it adds to first bytes and gaps of streams, beside direct and the pump"
	@echo "make bench-memory   whether proxy and recorder stay as large as they are, 5 minutes (needs nginx and wrk)"

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("helicli needs Python 3.11 or newer; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY)
	$(BIN)/helicli demo

test: $(READY)
	$(BIN)/python -m pytest -n 4 --dist loadfile

SHELLS := bash zsh fish

test-completions: $(READY)
	@missing=; for shell in $(SHELLS); do command -v $$shell >/dev/null || missing="$$missing $$shell"; done; \
	  if [ -n "$$missing" ]; then apt-get install -y $$missing || echo "install$$missing, then try again: without them their tests are skipped"; fi
	$(BIN)/python -m pytest tests/cli/shells

pictures: $(READY)
	$(BIN)/python -m tests.pictures

generate: $(READY)
	$(BIN)/python -m helicli.cli.generate

test-chaos: $(READY)
	HELICLI_CHAOS_ROUNDS=10 HELICLI_CHAOS_SECONDS=60 $(BIN)/python -m pytest tests/e2e/test_chaos.py tests/e2e/test_ask_while_recording.py

test-clients: $(READY)
	$(BIN)/python tests/clients/clients.py
	$(BIN)/python -m pytest tests/clients

test-oracle: $(READY)
	$(BIN)/python tests/oracle/oracle.py
	$(BIN)/python -m pytest tests/oracle

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python tests/bench/road.py
	$(BIN)/python tests/bench/startup.py

bench-streams: $(READY)
	$(BIN)/python tests/bench/streams.py

bench-memory: $(READY)
	$(BIN)/python tests/bench/flat.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
