# Every target works on a fresh checkout: `.venv` is made on demand from the lock file.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
UV_VERSION := 0.13.9
LOCK   := requirements.lock
UV_PIP := $(UV) pip install --quiet --python $(BIN)/python --constraint $(LOCK)

# Hundreds of processes are started by the tests: modules are compiled once, not in each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo docs screenshots test format format-check lint types imports check-docs unit lock wheel clean bench-real bench-quality bench-speed bench-storage bench-pages bench-extraction bench-crawl soak check-container

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

demo: $(VENV)/run.stamp ## crawl the bundled newsroom, find the copies, print the report
	$(BIN)/newsdedup demo

test: format-check lint types imports unit check-docs ## everything CI runs: format, lint, types, import law, tests, docs

format-check: $(VENV)/test.stamp
	$(BIN)/ruff format --check .

format: $(VENV)/test.stamp ## rewrite the code in house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

imports: $(VENV)/test.stamp
	$(BIN)/lint-imports

unit: $(VENV)/test.stamp ## all tests, with coverage, a file at a time on every core
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --cov --cov-report=term:skip-covered

check-docs: $(VENV)/test.stamp
	$(BIN)/cog --check -r README.md docs/*.md

docs: $(VENV)/test.stamp ## rewrite the generated parts of README and docs
	$(BIN)/python -m tools.run_queries
	$(BIN)/cog -r README.md docs/*.md

bench-quality: $(VENV)/bench.stamp ## measure recall, precision and false merges beside the peers: bench/RESULTS.md, plots
	$(BIN)/python -m bench.corpus
	$(BIN)/python -m bench.quality --half reporting
	$(BIN)/python -m bench.curves
	$(BIN)/python -m bench.buckets
	$(BIN)/python -m bench.cross_fit
	$(BIN)/python -m bench.unseen --half reporting
	$(BIN)/python -m bench.direction --half reporting
	$(BIN)/python -m bench.notices --half reporting
	$(BIN)/python -m bench.languages
	$(BIN)/python -m bench.random_pairs
	$(BIN)/python -m bench.compare --half reporting
	$(BIN)/python -m bench.report

bench-real: $(VENV)/test.stamp ## crawl real pages over HTTP; find the copies on a newswire: what README's "Measured" says
	$(BIN)/python -m bench.real_pages
	$(BIN)/python -m bench.wire

soak: $(VENV)/test.stamp ## crawl a scripted newsroom for 20 minutes under faults, compare what is stored with what came out
	$(BIN)/python -m bench.soak.run --minutes 20 --articles 1800

bench-extraction: $(VENV)/bench.stamp ## read real pages beside the peers' extractors: bench/EXTRACTION.md, a plot
	$(BIN)/python -m bench.extraction

bench-crawl: $(VENV)/bench.stamp ## crawl one local site with newsdedup and its peers: bench/CRAWL.md, a plot
	$(BIN)/python -m bench.crawl --memory 20000

bench-storage: $(VENV)/bench.stamp ## time import, incremental batches and candidate queries at growing sizes
	$(BIN)/python -m bench.storage
	$(BIN)/python -m bench.storage_texts
	$(BIN)/python -m bench.storage_report

bench-pages: $(VENV)/test.stamp ## time the HTML report and the live pages at 10,000 articles
	$(BIN)/python -m bench.pages

bench-speed: $(VENV)/bench.stamp ## time text to signature beside the peers
	$(BIN)/python -m bench.speed

screenshots: $(VENV)/browser.stamp ## photograph the demo's pages for README: docs/images
	$(BIN)/python -m tools.make_screenshots

lock: $(VENV)/uv.stamp ## resolve the newest allowed versions into requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --all-extras --group test --group browser --group bench \
	  --no-emit-index-url --no-emit-find-links --no-annotate --output-file $(LOCK) pyproject.toml

check-container: ## run the Dockerfile's own commands in an empty folder, and what they install
	$(PYTHON) tools/run_dockerfile.py

wheel: $(VENV)/uv.stamp ## build the wheel into dist/
	$(UV) build --quiet --wheel --out-dir dist

clean: ## remove everything that make made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .coverage*

$(VENV)/uv.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newsdedup needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/run.stamp: $(VENV)/uv.stamp pyproject.toml $(LOCK)
	$(UV_PIP) --editable .
	@touch $@

$(VENV)/bench.stamp: $(VENV)/test.stamp
	$(UV_PIP) --group bench
	@touch $@

$(VENV)/browser.stamp: $(VENV)/test.stamp
	$(UV_PIP) --group browser
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	$(UV_PIP) --editable '.[datasette,javascript,parquet,plots,postgres,spark]' --group test
	@touch $@
