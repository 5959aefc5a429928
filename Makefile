# Each target sets up what it needs in .venv; PYTHON names the interpreter to start from.
PYTHON ?= python3
BIN := .venv/bin
# Browsers wait more than they work: one process more than there are cores.
PROCESSES ?= $(shell expr $$(nproc) + 1)
PYTEST = $(BIN)/python -m pytest --numprocesses $(PROCESSES) --maxprocesses 9 --dist worksteal

# Where pyenv keeps interpreters, which it does not put on the path; else the number, for uv to find.
OLDEST ?= 3.10
NEWEST ?= 3.14
python-of = $(firstword $(wildcard $(HOME)/.pyenv/versions/$(1).*/bin/python) $(1))
# One process, no browser: these take a quarter of an hour.
PYTEST_ONE = -m pytest --ignore tests/peers --ignore tests/frontends --ignore tests/e2e --hypothesis-profile check \
	-m "not (browser or cluster)"

.PHONY: help demo docs frontends check test test-peers test-docs test-engines test-oldest test-newest proof lint bench
.PHONY: dist release clean programs

help:  ## What there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | column -t -s '|'

demo: .venv/demo  ## The notebook that shows everything, as build/tour.html
	$(BIN)/python -m notebooks.run tour

docs: .venv/docs  ## The site, as build/docs/index.html: its notebooks run, nothing loaded from elsewhere
	$(BIN)/python -m sphinx -q -W --keep-going -j auto -d build/docs-doctrees docs build/docs
	@echo build/docs/index.html

check: lint  ## In 3 minutes: lint, types, the tests that need no browser, cluster or server
	.ci/programs pngcheck ffprobe zsh fish
	$(PYTEST) --ignore tests/peers --ignore tests/frontends --ignore tests/e2e --hypothesis-profile check \
		-m "not (browser or cluster or server)"

test: lint programs  ## In 8 minutes: lint, types and the tests but those beside heavy packages
	$(PYTEST) --ignore tests/peers --ignore tests/frontends

test-peers: .venv/peers programs  ## The tests beside torch, jax, other heavy packages; in three browsers
	.ci/programs firefox webkit
	$(PYTEST) tests/peers --ignore tests/peers/test_docs.py

test-docs: .venv/peers programs  ## The site: its warnings, links and pages, in Chromium
	$(BIN)/python -m pytest tests/peers/test_docs.py

test-engines: .venv/peers programs  ## Pages and JupyterLab in Chromium, Firefox and WebKit alike
	.ci/programs firefox webkit
	$(PYTEST) tests/peers/engines

test-oldest: .venv-oldest/test  ## In 15 minutes: without browsers, on Python 3.10 and the oldest of all dependencies
	.ci/programs pngcheck ffprobe node zsh fish
	.venv-oldest/bin/python $(PYTEST_ONE) $(TESTS)

test-newest: .venv-newest/test  ## In 15 minutes: without browsers, on the newest Python (NEWEST=3.13) and dependencies
	.ci/programs pngcheck ffprobe node zsh fish
	.venv-newest/bin/python $(PYTEST_ONE) $(TESTS)

proof: .venv/peers .venv/proof programs  ## In hours: what is promised, tried at length; writes docs/quality.md
	$(BIN)/python -m tests.proof

lint: .venv/test  ## Format, style and types, of Python and JavaScript
	.ci/programs node
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/ruff check --preview --select PLW1514 # a text file says its encoding
	$(BIN)/mypy
	$(BIN)/python -m tests.npm check

bench: .venv/bench  ## The benchmarks: targets in benchmarks/front.md, the rest in benchmarks/*.md
	$(BIN)/python -m benchmarks.front --save --details
	$(BIN)/python -m benchmarks.views --save
	$(BIN)/python -m benchmarks.pyramids --save
	$(BIN)/python -m benchmarks.tiles --save

dist: .venv-release/tools  ## The wheel and the source distribution, checked, in dist
	rm -rf dist build/lib build/bdist.* nbimage.egg-info
	.venv-release/bin/python -m build
	.venv-release/bin/twine check --strict dist/*
	.venv-release/bin/check-wheel-contents dist/*.whl
	.venv-release/bin/cffconvert --validate
	.venv-release/bin/zizmor --quiet --offline .github

release: dist  ## In 10 minutes: that the source distribution demonstrates and tests itself; the checksum
	rm -rf build/release
	mkdir -p build/release
	tar -xzf dist/nbimage-*.tar.gz --strip-components 1 -C build/release
	$(MAKE) -C build/release demo check
	sha256sum dist/nbimage-*.tar.gz

frontends: .venv/test programs  ## In 30 minutes: docs/frontends.md, from JupyterLab to Gradio
	$(PYTEST) tests/frontends
	$(BIN)/python -m tests.frontends

programs:  ## Chromium, pngcheck, node and ffprobe, which no Python package brings
	.ci/programs

# One environment; each stamp says that the extra of its name is in it. uv takes a third of pip's
# time, but does not read pip's settings: it is told of wheels at hand, and pip is asked where it fails.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/%: .venv/uv setup.cfg
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[$*]' || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

.venv/uv: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

.venv-oldest/test: .venv/uv setup.cfg
	$(BIN)/uv venv --quiet --clear --python $(call python-of,$(OLDEST)) .venv-oldest
	$(BIN)/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct \
		--editable '.[test]'
	@touch $@

.venv-newest/test: .venv/uv setup.cfg
	$(BIN)/uv venv --quiet --clear --python $(call python-of,$(NEWEST)) .venv-newest
	$(BIN)/uv pip install --quiet --python .venv-newest/bin/python --editable '.[test]'
	@touch $@

.venv-release/tools: .venv/uv setup.cfg
	$(BIN)/uv venv --quiet --clear .venv-release
	$(BIN)/uv pip install --quiet --python .venv-release/bin/python --extra release --requirements setup.cfg
	@touch $@

clean:  ## Remove the environment and everything that was built
	rm -rf .venv .venv-oldest .venv-newest .venv-release .venv-frontends build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
