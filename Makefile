# What a newcomer needs: `make demo` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
WORKSPACE := -e shared -e services/intake -e services/router -e services/notifier -e services/console -e deploy/local

.PHONY: install demo test check bench clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock shared/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation $(WORKSPACE)
	@touch $@

demo: install
	$(BIN)/fingerpost demo

test: install
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

bench: install
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.rules

clean:
	rm -rf $(VENV)
