# Everything runs in .venv, which the first target makes from pyproject.toml: nothing is installed system-wide.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup tools demo test test-all torture fuzz interop browsers bench profile check fmt samples screenshots docs build clean
setup: .venv/ready

.venv/ready: pyproject.toml scripts/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup.sh

tools:  ## the receivers' tools that optional tests drive (Debian, as root)
	PYTHON="$(PYTHON)" sh scripts/tools.sh

demo: setup  ## the main job, narrated: collect, verify, tamper, verify, summary
	$(BIN)/evidencekit demo

test: setup  ## the tests (slow sweeps: make test-all)
	$(BIN)/pytest

test-all: setup
	$(BIN)/pytest -m "slow or not slow"

torture: setup  ## every fault on the wire, every corpus through every command and page, in full: an hour
	$(BIN)/pytest tests/torture tests/browser/test_hostile.py -m "slow or not slow"
	$(BIN)/python scripts/mutate_checks.py

MINUTES ?= 30
TARGET ?= all
AT_A_TIME ?= 2
fuzz: setup  ## the fuzz targets under atheris, guided by coverage: MINUTES=30 for each, TARGET=all
	$(BIN)/python -m pip install --quiet --group fuzz
	nice -n 19 $(BIN)/python tests/fuzz/run.py --minutes $(MINUTES) --at-a-time $(AT_A_TIME) $(TARGET)

interop: setup tools  ## other people's verifiers over our bundles, and docs/interop.md from what they say
	$(BIN)/python tests/interop/matrix.py docs/interop.md
	$(BIN)/pytest tests/interop

browsers: setup  ## verify.html on every bundle, in Chromium and Firefox: some minutes
	$(BIN)/pytest tests/browser -m "slow or not slow"

check: setup  ## lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

BENCH_WORK ?= /tmp/evidencekit-bench
ROUNDS ?= 3
bench: setup  ## against openssl, bagit, validators, in turn: 20 minutes (HUGE=--huge: and 10 GB; ONLY="--only zip": one table)
	sh scripts/bench.sh
	mkdir -p $(BENCH_WORK)
	[ -n "$(ONLY)" ] || $(BIN)/pytest benchmarks -q -m "" -p no:cacheprovider --benchmark-columns=median,iqr \
	  --benchmark-json=$(BENCH_WORK)/parts.json
	$(BIN)/python benchmarks/run.py --work $(BENCH_WORK) --output docs/performance.md --rounds $(ROUNDS) $(HUGE) $(ONLY)

profile: setup  ## where the time of collect goes, stage by stage, into docs/performance.md
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/stages.py --work $(BENCH_WORK) --output docs/performance.md

samples: setup  ## samples/ and compiled templates anew; leaves no diff unless the format changed
	$(BIN)/python scripts/compile_templates.py
	$(BIN)/python scripts/make_samples.py
	REWRITE=1 $(BIN)/pytest -q tests/cli/test_terminal.py -k screen

screenshots: setup  ## docs/images anew, of the samples: needs make tools and FULL=1 make setup
	$(BIN)/python scripts/make_screenshots.py

docs: setup  ## the site in site/, what it repeats from code and samples made anew
	$(BIN)/python scripts/make_docs.py
	$(BIN)/python -m pip install --quiet --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

build: setup
	$(BIN)/python -m build --no-isolation

clean:
	rm -rf .venv build dist demo site
