# Each target sets up what it needs in .venv; PYTHON names the interpreter to start from.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench clean programs

demo: .venv/demo
	$(BIN)/python -m notebooks.run tour

test: lint .venv/frameworks programs
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: .venv/test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

bench: .venv/bench
	$(BIN)/python -m benchmarks.pictures --save
	$(BIN)/python -m benchmarks.videos --save
	$(BIN)/python -m benchmarks.colors --save
	$(BIN)/python -m benchmarks.tooltips
	$(BIN)/python -m benchmarks.views --save
	$(BIN)/python -m benchmarks.pyramids --save
	$(BIN)/python -m benchmarks.tiles --save

programs:
	.ci/programs

# One environment; each stamp says that the extra of its name is in it.
.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/%: .venv/bin/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
