# PanelMerge: make run, make test. The other targets are for who works on it.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Several at a time; a file's tests stay together.
SIDE_BY_SIDE := -n auto --maxprocesses 8 --dist loadgroup --no-loadscope-reorder

.PHONY: run serve test test-servers browser lint format proof bench screenshots clean
.DEFAULT_GOAL := run

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "PanelMerge needs Python 3.11 or newer as $(PYTHON). Install it (Debian: apt-get install python3 python3-venv), or say make PYTHON=/path/to/python3.11 run."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing. Install it (Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) && touch $@

$(VENV)/.installed: requirements.txt $(VENV)/.made
	@echo "Installing what PanelMerge needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt $(VENV)/.made
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

run: $(VENV)/.installed
	@$(BIN)/python manage.py first_run
	@echo "PanelMerge is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@exec $(BIN)/python manage.py runserver $(PORT)

serve: $(VENV)/.installed
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@PORT=$(PORT) exec $(BIN)/gunicorn

test: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.left_out
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

# The same on a PostgreSQL and a Redis that are thrown away afterwards.
test-servers: $(VENV)/.installed-dev
	@SERVERS=$${SERVERS:-2} .ci/with-servers sh -c 'exec $(BIN)/python -m pytest -q -n $$SERVERS --dist loadgroup --no-loadscope-reorder'

browser: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -q -m browser

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The long versions: PANELMERGE_PROOF=1 makes the sampled tests run in full.
proof: $(VENV)/.installed-dev
	@PANELMERGE_PROOF=1 $(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

# The pictures of the README, from a demonstration served for it.
screenshots: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV) staticfiles
