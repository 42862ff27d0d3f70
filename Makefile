# make demo and make test set everything up by themselves; VENV=... and PYTHON=... choose where and with what.
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
CIRCUIT = experiments/circuits/tfim_chain_n14.qasm

.PHONY: demo test test-all verify-modules lint docs format clean

demo: $(INSTALLED)
	$(RUN)/python -m experiments.demo $(DEMO_FLAGS)

test: $(INSTALLED)
	$(RUN)/python -m pytest -q -n 2 -m "not long"

test-all: $(INSTALLED)
	$(RUN)/python -m pytest -q -n 2

verify-modules: $(INSTALLED)
	$(RUN)/python -m experiments.publish --check
	$(RUN)/python -m experiments.pretrain --check

lint: $(INSTALLED)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

format: $(INSTALLED)
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	find cutq -name __pycache__ -type d -prune -exec rm -rf {} +  # compiled kernels are kept there
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
