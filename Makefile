# One word for what is done often; CONTRIBUTING.md says what each is for.
PYTHON ?= python3
QUICK = tests/activations tests/losses tests/optimizers tests/layers tests/model tests/test_public_names.py

.PHONY: setup quick test format lint site all clean

setup:
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -e ".[test,lint]"

quick:
	ruff check .
	ruff format --check .
	lint-imports
	pytest $(QUICK)

test:
	pytest

format:
	ruff check --fix .
	ruff format .

lint:
	.ci/run lint

site:
	python docs/build.py

all:
	.ci/run

clean:
	rm -rf build dist site docs/en/api docs/en/lessons docs/ko/lessons .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage coverage.xml
	find . -name __pycache__ -prune -exec rm -rf {} +
