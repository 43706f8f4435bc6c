# The two doors: `make demo` and `make test` do all set-up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
CONSTRAINTS := tests/constraints.txt
EXTRAS := .[test,check,postgresql,xbrl,bench]

.PHONY: demo test check lint bench venv format clean

demo: venv
	$(BIN)/digipoort-sim demo

test: venv
	$(BIN)/python -m pytest -m "not heavy" -n 2 --dist loadfile
	$(BIN)/python -m pytest -m heavy

check: lint test

lint: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: venv
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.peers

format: venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

venv: $(STAMP)

$(STAMP): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; call make PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV): once, a minute or two"
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --python $(BIN)/python -c $(CONSTRAINTS) -e '$(EXTRAS)'; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install -q --disable-pip-version-check -c $(CONSTRAINTS) -e '$(EXTRAS)'; \
	fi
	@touch $@

clean:
	rm -rf $(VENV) build dist
