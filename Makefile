# Two commands do it all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export FLASK_APP := wsgi

.PHONY: demo test check bench format clean

demo: .venv/ready
	$(BIN)/flask demo

test: check .venv/browser
	$(BIN)/pytest -n auto --dist loadgroup

check: .venv/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet

bench: .venv/ready-test
	$(BIN)/pip install -q -e '.[bench]'
	$(BIN)/python -m bench

format: .venv/ready-test
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format .

.venv/python:
	$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "Python 3.11 et son module venv sont nécessaires : apt-get install python3-venv" >&2; exit 1; }
	touch $@

.venv/ready: pyproject.toml | .venv/python
	$(BIN)/pip install -q --disable-pip-version-check -e .
	touch $@

.venv/ready-test: pyproject.toml | .venv/python
	$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	touch $@ .venv/ready

# The journeys drive Debian's own Chromium; the letters are read back by poppler's pdftotext.
.venv/browser: | .venv/python
	{ command -v chromium && command -v pdftotext; } >/dev/null || { \
	  as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$as_root apt-get update -qq && \
	  $$as_root apt-get install -y -qq --no-install-recommends chromium poppler-utils; }
	touch $@

clean:
	rm -rf .venv var
