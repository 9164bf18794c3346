# make run: the dashboard.  make test: every test.  Both set up everything they need on a machine with Python >= 3.11.
# PYTHON=python3.13 make run chooses the interpreter; PORT=8600 make run chooses the port; WORKERS=4 make test runs
# four test files at a time. ADDRESS=0.0.0.0 make run lets other machines of the network open it.
SHELL := /bin/sh
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

BIN := .venv/bin
VENV := .venv/.created
RUNTIME := .venv/.runtime
TOOLS := .venv/.tools
BROWSER := .venv/.browser
PEERS := .peers/.created
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
PORT ?= 8501
ADDRESS ?= localhost
WORKERS ?= 2
THREADS := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
OFFLINE := HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1

.PHONY: run test bench lint format presets setup clean

run: $(RUNTIME)
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

test: $(TOOLS) $(BROWSER)
	$(OFFLINE) $(THREADS) $(BIN)/python -m pytest --ignore=tests/benchmarks -n $(WORKERS) --dist loadfile $(ARGS)

bench: $(TOOLS) $(BROWSER) $(PEERS)
	$(OFFLINE) $(THREADS) $(BIN)/python -m pytest tests/benchmarks -s -q $(ARGS)

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train-%: $(TOOLS)
	$(BIN)/python -m models.train.$*

presets: $(RUNTIME)
	$(BIN)/python -m models.train.presets

setup: $(TOOLS) $(BROWSER)

clean:
	rm -rf .venv .peers .pytest_cache .mypy_cache .ruff_cache

$(VENV): scripts/venv.sh
	@sh scripts/venv.sh .venv
	@touch $@

$(RUNTIME): $(VENV) requirements.txt
	@echo "Installing the packages of requirements.txt; the first time takes a few minutes."
	@$(PIP) -r requirements.txt
	@touch $@

$(TOOLS): $(RUNTIME) requirements-dev.txt requirements-offline.txt requirements-checks.txt
	@echo "Installing what tests, checks and training need."
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -r requirements-offline.txt -r requirements-checks.txt
	@touch $@

$(BROWSER): $(TOOLS) scripts/chromium.py
	@$(BIN)/python scripts/chromium.py --install
	@touch $@

$(PEERS): requirements-bench.txt scripts/peers.py $(VENV)
	@echo "Installing the viewers to compare with; the first time takes a few minutes."
	@$(BIN)/python scripts/peers.py .peers
	@touch $@
