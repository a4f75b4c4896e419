# The commands of this house. `make` lists them; each installs what it needs first.
PYTHON ?= python3
VENV ?= .venv
DOCS ?= docs/_build/html

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WITHOUT_NEST := .venv-without-nest
# An environment that exists keeps its Python; PYTHON only creates a new one.
INTERPRETER := $(firstword $(wildcard $(BIN)/python) $(PYTHON))
VERSION := $(shell $(INTERPRETER) -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null)
LOCK := requirements/py$(or $(subst .,,$(VERSION)),-none).txt
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
UV := $(BIN)/uv --quiet --no-progress

# $(call tests,WHICH and): in as many processes as there are cores, each file in one of them; then, by themselves, those
# that a busy machine would disturb. They lie in two folders, as tests/conftest.py knows: to look for them takes long.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile
define tests
$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "$(1) not alone"
$(BIN)/python -m pytest -m "$(1) alone" tests/host tests/packaging
endef

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow test-full test-smoke test-containers images bench lint format docs lock clean

help:  ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

install: $(STAMP)  ## make .venv with the locked packages and fusion itself, editable

demo: $(STAMP)  ## one network over four simulators learns to read handwritten digits
	PYNEST_QUIET=1 TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python examples/digits.py $(DEMO)

ifeq ($(NEST),container)
IN_ITS_IMAGE := tests/containers $(wildcard tests/host/test_container*.py tests/conformance/test_container*.py)
test: $(WITHOUT_NEST)/.installed  ## with NEST=container: those of NEST, on a Python without it, in its image
	REQUIRE_DOCKER=1 $(WITHOUT_NEST)/bin/python -m pytest -m "not slow" $(IN_ITS_IMAGE)
else
test: $(STAMP)  ## the quick tests
	$(call tests,not slow and)
endif

test-slow: $(STAMP)  ## the slow tests, but for those of a release
	$(call tests,slow and not release and)

ifeq ($(NEST),container)
test-full: $(WITHOUT_NEST)/.installed  ## with NEST=container: all of those
	REQUIRE_DOCKER=1 $(WITHOUT_NEST)/bin/python -m pytest $(IN_ITS_IMAGE)
else
test-full: $(STAMP)  ## all tests
	$(call tests)
endif

test-smoke: $(STAMP)  ## the quick tests that depend on the versions of Python and the simulators
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" tests/core tests/conformance tests/adapters tests/behaviours/equations

# The images that make test-containers builds go with the daemon that it starts; these stay.
images:  ## the images of containers/, with the Docker daemon that runs, or Podman
	PYTHON=$(INTERPRETER) containers/build.sh nest full

test-containers: $(STAMP)  ## build the images, test them and in them; starts a Docker daemon if none runs
	PYTHON=$(BIN)/python containers/daemon.sh containers/test.sh

bench: $(STAMP)  ## measure, print a table, write JSON
	$(BIN)/python -m benchmarks

lint: $(STAMP)  ## ruff, format, mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)  ## format and sort imports
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(STAMP)  ## the documentation, in docs/_build/html
	$(BIN)/sphinx-build -q -W -b html docs $(DOCS)

# Pins stay as they are unless asked: make lock UPGRADE=--upgrade
lock: $(STAMP)  ## write requirements/ anew from pyproject.toml
	for minor in 11 12 13; do \
		$(UV) pip compile pyproject.toml --all-extras $(UPGRADE) \
			--python-version 3.$$minor --python-platform x86_64-manylinux_2_28 \
			--no-annotate --custom-compile-command "make lock" \
			--output-file requirements/py3$$minor.txt || exit 1; \
	done
	$(UV) pip compile containers/nest/requirements.in --constraint requirements/py311.txt --no-deps \
		--python-version 3.11 --python-platform x86_64-manylinux_2_28 --only-binary :all: --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
		--output-file containers/nest/requirements.txt

clean:  ## remove what the commands made, but for .venv
	rm -rf build dist docs/_build containers/*/wheels .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find fusion adapters tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(STAMP): pyproject.toml $(LOCK)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the packages of $(LOCK) into $(VENV), once ..."
	@$(PIP) install $$(grep ^uv== $(LOCK))
	@$(UV) pip install --python $(BIN)/python --requirement $(LOCK) || { \
		echo "uv could not; pip does it, in some minutes ..."; $(PIP) install --requirement $(LOCK); }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(WITHOUT_NEST)/.installed: $(STAMP)
	@$(UV) venv --clear --python $(BIN)/python $(WITHOUT_NEST)
	@$(UV) pip install --python $(WITHOUT_NEST)/bin/python --constraint $(LOCK) --editable '.[test]'
	@touch $@

# Reached only if there is no lock for this Python.
requirements/py%.txt:
	@echo "fusion needs Python 3.11, 3.12 or 3.13; $(INTERPRETER) is $(or $(VERSION),not there)." \
		"Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1
