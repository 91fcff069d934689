# Needs make and Python 3.11 or newer, nothing else: .venv is built with uv where there is one, with pip where not.
#
#   make          build .venv                        make check   everything that must hold before a commit
#   make run      the service on 127.0.0.1:8080      make fix     let ruff correct and format
#   make test     the tests                          make bench   speed and size, beside their floors
#   make clean    remove what can be made again      make soak    the tests that take long
#   make postgres the driver for a store in PostgreSQL

SHELL := /bin/bash
BIN := .venv/bin
# The first Python that is new enough; `make PYTHON=/path/to/python3.13` overrules it.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
UV ?= $(shell command -v uv 2>/dev/null)
SYNC = test -n '$(UV)' && $(UV) sync --quiet --frozen --inexact --python '$(PYTHON)'
VENV = { test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv || \
	{ echo 'python3 -m venv does not work; on Debian: apt-get install python3-venv' >&2; rm -rf .venv; false; }; } && \
	$(BIN)/python tools/pinned.py constraints > .venv/constraints.txt
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --retries 10 --constraint .venv/constraints.txt
# Start-up takes a third of the time with compiled bytecode, and the environment may have switched compiling off. Some
# packages carry files for other versions of Python, which don't compile: that is no error.
COMPILE = env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 .venv/lib aggregator
export UV_PYTHON_DOWNLOADS ?= never
export UV_HTTP_TIMEOUT ?= 180

.PHONY: setup run test check lint fix bench soak clean postgres
.DEFAULT_GOAL := setup

setup: .venv/.development
	@echo 'Ready. make run starts the service, make test runs the tests.'

run: .venv/.runtime
	$(BIN)/aggregator run

# Many tests wait more than they compute, so two run at once; those of one file share what its first one starts.
test: .venv/.development
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint test

lint: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.development
	$(BIN)/python benchmarks/poll.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/memory.py

soak: .venv/.development
	$(BIN)/python -m pytest -m soak -rP --durations=0
	$(BIN)/python -m pytest -m 'hypothesis and not soak' --hypothesis-profile=hunt

postgres: .venv/.runtime
	@$(SYNC) --no-default-groups --extra postgres || { $(VENV) && $(PIP) --editable '.[postgres]'; }

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find aggregator benchmarks tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# uv knows the lock file but not pip's configuration, such as a mirror; where it fails, pip gets the same versions.
.venv/.runtime: pyproject.toml uv.lock
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; there is none on the PATH.' >&2; exit 1; }
	@$(SYNC) --no-default-groups || { $(VENV) && $(PIP) --editable .; }
	@$(COMPILE) aggregator > /dev/null 2>&1 || true
	@touch $@

.venv/.development: .venv/.runtime
	@$(SYNC) || { $(VENV) && $(BIN)/python tools/pinned.py group dev > .venv/dev.txt && \
		$(PIP) --editable . --requirement .venv/dev.txt; }
	@$(COMPILE) > /dev/null 2>&1 || true
	@touch $@
