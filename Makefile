# The commands of the project; README and docs/operations.md say more.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run check test torture lint format bench shots lock clean

python := .venv/bin/python
with_env := . bin/dev-env &&

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## .venv with the locked packages, and the system packages that are missing
	@bin/setup

setup-test:
	@bin/setup --test

run: setup  ## the demo on port 8000 (PORT=...), with the worker; Ctrl-C stops both
	@exec bin/run

check: setup-test  ## before a commit, in two minutes: format, lint, house, tests without a database, tests of what has changed
	@exec bin/check

test:  ## everything that must hold, on SQLite and PostgreSQL
	@bin/setup --test || { echo "0 passed, 1 failed"; exit 1; }
	@exec bin/test

torture: setup-test  ## the long walks and attacks, each whole: an hour or more, before a version is handed out
	@exec bin/torture

lint: setup-test  ## format, lint, and migrations that are missing
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/oxlint static/js tests/js
	@$(with_env) $(python) manage.py check
	@$(with_env) $(python) manage.py makemigrations --check --dry-run

format: setup-test  ## write the format, mend what lint can mend
	@.venv/bin/ruff check --fix-only .
	@.venv/bin/ruff format .

bench: setup-test  ## figures, as ratios to a floor measured in the same run
	@$(with_env) $(python) -m bench

shots: setup-test  ## screenshots of every page and role into shots/
	@$(with_env) $(python) -m tests.browser.shots

lock:  ## requirements*.in -> requirements*.txt, with hashes
	@[ -x .dev/lock/bin/uv ] || { python3 -m venv .dev/lock && .dev/lock/bin/pip install -qq --disable-pip-version-check uv; }
	@for name in requirements requirements-dev; do \
		.dev/lock/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
			--no-header --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; \
	done

clean:  ## what the commands above have made: .venv, demo data, caches
	@rm -rf .venv .dev staticfiles shots build .coverage htmlcov .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
