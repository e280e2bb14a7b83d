# The commands of this project. `make demo` and `make test` need Python 3.11+, pip and make, no more.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CPP := $(wildcard pellucid/kernels/native/*.cc pellucid/kernels/native/*.h)
SITE := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
CPP_TESTS := $(wildcard tests/native/*.cc)
.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-oldest check format docs bench clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.installed ## install, then train a network on handwritten digits
	$(BIN)/pellucid train digits

test: $(VENV)/.test ## install what tests need, check the code, build the documentation, run every test
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $(CPP) $(CPP_TESTS)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(SITE)
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: $(VENV)/.test ## also the tests marked exhaustive
	$(BIN)/python -m pytest -n 2 --dist worksteal -m ""

test-oldest: ## the last commit's fast tests with the oldest versions that pyproject.toml allows
	rm -rf .oldest && mkdir .oldest && git archive HEAD | tar x -C .oldest
	$(PYTHON) -m venv .oldest/.venv
	cd .oldest && $(PYTHON) tests/oldest.py > oldest.txt && \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check \
			--constraint oldest.txt --editable '.[test]' && \
		.venv/bin/python -m pytest -n 2 -m "not slow and not exhaustive" tests/unit \
			-W ignore::DeprecationWarning -W ignore::FutureWarning

check: $(VENV)/.test ## format, lint, types and the fast tests: before every commit
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $(CPP) $(CPP_TESTS)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 -m "not slow and not exhaustive" tests/unit

format: $(VENV)/.test ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CPP) $(CPP_TESTS)
	$(BIN)/ruff check --fix .

docs: $(VENV)/.docs ## build the documentation, strictly, into site/
	$(SITE)

bench: ## measure against Keras and PyTorch, each in its own process (BENCH=--resume goes on)
	benchmarks/setup_peers.sh
	.peers/bin/python -m benchmarks $(BENCH)

clean: ## remove what the other commands made
	rm -rf $(VENV) .oldest site build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml $(CPP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml $(CPP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.installed $(VENV)/.docs

$(VENV)/.docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@
