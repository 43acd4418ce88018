# What the project can do; each target sets up whatever is missing.
PORT ?= 8866
find_python = for p in python3.14 python3.13 python3.12 python3 /usr/bin/python3; do \
  $$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 && { echo $$p; break; }; done
BIN := .venv/bin
READY := .venv/ready
PYTEST := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder
NOTEBOOKS := $(wildcard notebooks/[0-9]*.ipynb)
# JupyterLab asks no registry for updates, news or extensions.
QUIET_LAB := --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None --LabApp.extension_manager=readonly
# What is imported is compiled once, and not again in each process.
unexport PYTHONDONTWRITEBYTECODE
export JUPYTER_PLATFORM_DIRS = 1
export PYDEVD_DISABLE_FILE_VALIDATION = 1

PYTHON ?= $(BIN)/python
LOWEST := build/lowest/bin/python
.PHONY: setup dashboards lab test types pages times nightly lowest atlas check docs format bench load lock rebuild release clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@python=$$($(find_python)); \
	test -n "$$python" || { echo "Python 3.12 or newer, with its venv module, was not found; install it and try again."; exit 1; }; \
	echo "setting up .venv with $$($$python --version) …"; \
	$$python -m venv --clear .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

dashboards: setup
	@PORT=$(PORT) $(BIN)/research-lib serve

lab: setup
	@$(BIN)/research-lib build
	@$(BIN)/jupyter lab --notebook-dir=. $(QUIET_LAB)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -p no:nbval -m "not browser and not slow"

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory --jobs 2 --output-sync types pages
	$(PYTEST) --nbval --nbval-cell-timeout=180 tests $(NOTEBOOKS)

types: setup
	$(BIN)/mypy

pages: setup
	$(BIN)/research-lib check
	$(BIN)/research-lib build

# How long each test takes, for `make check` to leave out what is slow, and for the order of `make test`.
times: setup
	$(PYTEST) --write-times --nbval --nbval-cell-timeout=180 tests $(NOTEBOOKS)

# All that `make test` runs, with the tests that take minutes, and all of what it takes samples of by day.
nightly: export NIGHTLY = true
nightly: PYTEST += --timeout 5400
nightly: test

# The fast tests on another Python, with the oldest versions that pyproject.toml allows.
lowest: setup
	@$(BIN)/uv venv --quiet --clear --python $(PYTHON) build/lowest
	@$(BIN)/uv pip install --quiet --system-certs --python $(LOWEST) --resolution lowest-direct --editable .
	@$(BIN)/uv pip install --quiet --system-certs --python $(LOWEST) --group dev
	$(LOWEST) -m pytest -n 2 --dist loadfile -m "not browser and not slow"

# Every state of every page that one action reaches: contact sheets in build/atlas/, and what is wrong.
atlas: setup
	@$(BIN)/python tests/atlas.py

# The documentation as a site in build/docs/; a warning is an error.
docs: setup
	@$(BIN)/python -m sphinx -E -q -n -W --keep-going -b html docs build/docs
	@echo "the documentation is in build/docs/index.html"

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	@$(BIN)/research-lib build
	@$(BIN)/python benchmarks/commands.py
	@$(BIN)/python benchmarks/pages.py
	@$(BIN)/python benchmarks/silent_visitors.py
	@$(BIN)/python benchmarks/coding.py
	@$(BIN)/python benchmarks/release.py
	@$(BIN)/python benchmarks/linked_tables.py
	@$(BIN)/python benchmarks/optimal_suppression.py
	@$(BIN)/python benchmarks/methods.py

# What a server holds: requests and visitors a second, beside plain Voilà; on a machine that does nothing else.
load: setup
	@$(BIN)/research-lib build
	@$(BIN)/python benchmarks/load.py

lock: setup
	$(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev --group docs pyproject.toml -o requirements.lock

rebuild: setup
	@$(BIN)/python tests/synthetic_records.py
	@$(BIN)/research-lib rebuild

release: setup
	@for page in research_lib/show/pages/*/page.toml; do name=$$(basename $$(dirname $$page)); \
	$(BIN)/research-lib export $$name --to $$name.html || exit 1; done

clean:
	rm -rf build .venv docs/notebooks
