# From a fresh clone, with only Python 3.11 or later, make and PyPI: `make demo` and `make test`.
#
# Both make `.venv` and install into it what constraints.txt names; the second time they start at once.
# The stamps live inside `.venv`, so removing that folder forgets everything.

PYTHON ?= python3
# Tests wait for processes much of the time, so two cores carry three at once.
JOBS ?= 3

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt --editable '.[sklearn]'
FRESH := build/lock
PEER := build/peers/mlflow
PLUGIN := build/peers/plugin
MLFLOWS ?= 3.16.1 3.15.2 3.14.0
FRAMEWORKS := build/frameworks

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports pytest test-s3real test-mlflow test-mlflow-versions test-web test-browser test-frameworks prove bench pictures ui-types lock clean

help: ## List these targets.
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1 \2/p' $(MAKEFILE_LIST) | while read -r name text; do printf '  make %-21s%s\n' "$$name" "$$text"; done

demo: $(VENV)/.demo ## Tune, train, register and promote a model of handwritten digits.
	@echo "examples/digits, pipeline 'retrain': fetch images, try 24 models on a local Dask cluster under"
	@echo "Prefect, fit the best, register it, judge it on rows set aside, and let a gate decide whether"
	@echo "it becomes the champion. Everything is kept in ./mlff-data; run it again for a challenger."
	@echo
	$(BIN)/mlff run examples/digits -e retrain

test: lint types imports pytest ## Check style, types and layers, then run every test.

lint: $(VENV)/.test ## Check style, format and spelling.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell

types: $(VENV)/.test ## Check types twice: mypy and basedpyright find different things.
	$(BIN)/mypy
	$(BIN)/basedpyright

imports: $(VENV)/.test ## Check that the arrows between the layers point down.
	$(BIN)/lint-imports

pytest: $(VENV)/.test ## Run the tests alone.
	$(BIN)/pytest -m 'not prove and not s3real and not mlflow and not browser' -n $(JOBS) --dist loadgroup

test-s3real: $(VENV)/.test ## Test against a Ceph cluster; as root, installs it from Debian's packages.
	@missing=$$($(BIN)/python -m mlflowflow.testing.ceph); test -z "$$missing" \
	|| { apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing; } \
	|| echo "$$missing cannot be installed here, so the tests are skipped."
	$(BIN)/pytest -m s3real -rs

test-mlflow: $(VENV)/.test $(PEER)/.installed $(PLUGIN)/.installed ## Run MLflow's programs on MLflow and on this library, and compare.
	$(BIN)/pytest -m mlflow -n $(JOBS) -rs tests/compat tests/server
	$(PLUGIN)/bin/pytest -n $(JOBS) --dist loadgroup -rs tests/mlflow_plugin mlflowflow/mlflow_plugin

test-mlflow-versions: $(PLUGIN)/.installed ## Test the plugin with earlier releases of MLflow, on the libraries of the newest.
	@set -e; for version in $(MLFLOWS); do \
	  folder=$(PLUGIN)-$$version; \
	  test -d $$folder || $(PLUGIN)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps \
	    --target $$folder mlflow==$$version mlflow-skinny==$$version mlflow-tracing==$$version; \
	  echo "MLflow $$version"; \
	  PYTHONPATH=$$folder $(PLUGIN)/bin/pytest -q -n $(JOBS) --dist loadgroup -rs tests/mlflow_plugin --ignore tests/mlflow_plugin/test_web.py \
	    -k "not every_field and not deviation and not what_they_should"; \
	done

test-web: $(PLUGIN)/.installed ## Look at MLflow's web pages over our store; as root, installs Debian's Chromium.
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } \
	|| echo "Chromium cannot be installed here, so the test is skipped."
	$(PLUGIN)/bin/pytest -rs tests/mlflow_plugin/test_web.py

test-browser: $(VENV)/.test ## Use our web pages in a browser; as root, installs Debian's Chromium.
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } \
	|| echo "Chromium cannot be installed here, so the tests are skipped."
	$(BIN)/pytest -m browser -rs tests/ui/browser

test-frameworks: $(FRAMEWORKS)/.installed ## Test the models of PyTorch, Keras, XGBoost, LightGBM and ONNX.
	KERAS_BACKEND=torch $(FRAMEWORKS)/bin/pytest -rs tests/frameworks tests/models/flavors

prove: $(VENV)/.test ## Run the long proofs, for hours, and print the table of what they found.
	MLFF_PROVE=1 $(BIN)/pytest -m prove -n $(JOBS) --dist loadgroup --timeout 43200 -o faulthandler_timeout=43200

bench: $(VENV)/.test ## Measure us and our peers, each installed into build/bench, and print one table.
	@$(BIN)/python -m benchmarks $(BENCH)

pictures: $(VENV)/.test ## Make the pictures of the web pages that README.md shows, from the demo.
	$(BIN)/python examples/pictures.py

ui-types: $(VENV)/.test ## Write the types of the server's answers for the pages.
	$(BIN)/python -m mlflowflow.server.typescript > mlflowflow/ui/src/core/types.ts

lock: ## Resolve constraints.txt anew, in an environment of its own.
	rm -rf $(FRESH)
	$(PYTHON) -m venv $(FRESH)
	$(FRESH)/bin/python -m pip install --quiet --upgrade pip
	$(FRESH)/bin/python -m pip install --quiet --editable '.[sklearn]' --group test --group lint
	sed -n '/^#/p' constraints.txt > $(FRESH)/constraints.txt
	$(FRESH)/bin/python -m pip list --format=freeze --exclude-editable --exclude setuptools >> $(FRESH)/constraints.txt
	mv $(FRESH)/constraints.txt constraints.txt
	rm -rf $(FRESH)

clean: ## Remove .venv and every cache; the store ./mlff-data stays.
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("mlflowflow needs Python 3.11 or later, and $(PYTHON) is %d.%d; name another: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV), once; this takes a few minutes."
	$(PYTHON) -m venv $(VENV)
	@# the pip of an old Python cannot read dependency groups
	$(PIP) install --quiet --constraint constraints.txt --upgrade pip
	@touch $@

$(VENV)/.demo: $(VENV)/.python pyproject.toml
	$(INSTALL) --group examples
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(INSTALL) --group test --group lint
	@touch $@

$(PEER)/.installed: tests/compat/constraints.txt
	@echo "Installing MLflow into $(PEER), once; this takes a few minutes."
	$(PYTHON) -m venv --clear $(PEER)
	$(PEER)/bin/python -m pip --disable-pip-version-check install --quiet --requirement tests/compat/constraints.txt
	@touch $@

$(PLUGIN)/.installed: tests/mlflow_plugin/constraints.txt
	@echo "Installing MLflow with the plugin into $(PLUGIN), once; this takes a few minutes."
	$(PYTHON) -m venv --clear $(PLUGIN)
	@# the pip of an old Python cannot read dependency groups
	$(PLUGIN)/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --upgrade pip
	$(PLUGIN)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --constraint tests/mlflow_plugin/constraints.txt --editable '.[sklearn,mlflow]' --group mlflow
	@touch $@

$(FRAMEWORKS)/.installed: tests/frameworks/constraints.txt
	@echo "Installing frameworks into $(FRAMEWORKS), once; this takes a few minutes."
	$(PYTHON) -m venv --clear $(FRAMEWORKS)
	@# the pip of an old Python cannot read dependency groups
	$(FRAMEWORKS)/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --upgrade pip
	$(FRAMEWORKS)/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt \
	  --constraint tests/frameworks/constraints.txt --editable '.[sklearn]' --group frameworks
	@touch $@
