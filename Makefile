# Two commands do everything on a machine with Python >= 3.10 and make: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEMO_PAIRS := en-ru ru-en en-hy hy-en

# What the extras train and convert need. PyTorch is not in the lock file: its lock for all platforms is gigabytes of CUDA.
EXTRAS := torch==2.13.0 transformers==5.24.0

.PHONY: run test check bench bench-check lint lock extras demo-models clean help

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(READY) ## translate the samples with the demo models, and show some rows
	$(BIN)/newsmt run samples --models demo --to en --to ru --to hy --out out
	$(BIN)/python samples/look.py out

test: $(READY) ## run all tests, as CI does
	$(BIN)/python -m pytest

check: $(READY) lint ## what a commit must pass: format, lint, types, imports, tests with coverage
	$(BIN)/python -m pytest -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=90
	$(BIN)/python -m coverage report --include='pipeline/store/*,pipeline/decode/*,pipeline/runner.py,pipeline/shard.py,pipeline/agenda.py,pipeline/faults.py' --fail-under=97

bench: $(READY) ## measure speed and memory, and write docs/benchmarks.md; an hour, wants a quiet machine
	$(BIN)/python -m tests.bench --record

bench-check: $(READY) ## fail where newsmt is 10 % slower, beside others, than docs/benchmarks.md says
	$(BIN)/python -m tests.bench --check --rounds 3 --only side-by-side --only same --only memory

lint: $(READY) ## format, lint, types and import order
	$(BIN)/ruff format --check pipeline tests samples
	$(BIN)/ruff check pipeline tests samples
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(READY) ## bring requirements.lock up to date with pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --extra dev --generate-hashes \
		--no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

extras: $(READY) ## install PyTorch and transformers, so that the tests of conversion and training run as well
	$(BIN)/pip install --quiet --disable-pip-version-check $(EXTRAS)

demo-models: extras ## train the four demo models anew, two at a time (an hour on two cores; installs PyTorch)
	printf '%s\n' $(DEMO_PAIRS) | xargs -P 2 -I PAIR \
		$(BIN)/python -m pipeline.newsbrief.train --pair PAIR --output pipeline/models/demo

clean: ## remove the environment and what runs and tools left
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find out -mindepth 1 ! -name .gitkeep -delete

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else "newsmt needs Python 3.10 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)
