# Every target makes its own .venv when there is none.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint check images docs zipapp knowledge clean

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q lint rules  # an editable install has no bytecode of its own
	@touch $@

# Both exit with 1 here: there is something to report, and nothing was written.
demo: $(STAMP)
	$(BIN)/dockslim check corpus/blog-pyodbc/Dockerfile || test $$? = 1
	$(BIN)/dockslim fix --diff corpus/blog-pyodbc/Dockerfile || test $$? = 1

test: $(STAMP)
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.documents --check

check: lint
	$(BIN)/python -m pytest -m 'not image'

images: $(STAMP)
	$(BIN)/python -m pytest -m image

docs: $(STAMP)
	$(BIN)/python -m tools.documents

# One file that runs on this platform, with this version of Python.
zipapp: $(STAMP)
	$(BIN)/python -m tools.zipapp dist/dockslim.pyz

knowledge: $(STAMP)
	$(BIN)/python -m dockslim.knowledge.build

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
