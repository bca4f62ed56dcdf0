# `make help` lists the targets. Each one that needs Python sets up .venv first, where it is missing or older than
# pyproject.toml or requirements.lock; nothing is expected of the machine but Python 3.11-3.13 and make.
#
#   make test ARGS="-k report"       ARGS go to the program that the target runs
#   make demo PYTHON=python3.12      the Python that .venv is made with, when it is made

VENV := .venv
READY := $(VENV)/.ready
ARGS :=
MINUTES := 1
PYTHON :=

# nbgrader looks for `alembic` on PATH, and kernels for `python`: the environment's programs come first.
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/$(VENV)"

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-long test-zoo fuzz check lint build confusion calibrate bench bench-cluster attackers model sources assess golden pictures readme platforms lock test-3.11 test-3.12 test-3.13 test-torch clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9. -]+:.*## / { printf "  make %-28s %s\n", $$1, $$2 }' Makefile

$(READY): pyproject.toml requirements.lock tools/make_venv.sh tools/find_python.sh
	@sh tools/make_venv.sh $(VENV) $(PYTHON)

demo: $(READY) ## build the assignment, grade a class of sample submissions, show the results
	@$(RUN) autograder demo $(ARGS)

test: $(READY) ## run the tests, all but the slow ones
	@$(RUN) python -m pytest -m "not slow and not zoo" $(ARGS)

test-slow: $(READY) ## run the slow tests alone: whole notebooks, whole graders
	@$(RUN) python -m pytest -m "slow and not long" $(ARGS)

test-long: $(READY) ## run the longest tests: the commands on the pages in docs, the real assignment in a container
	@$(RUN) python -m pytest -m long $(ARGS)

test-zoo: $(READY) ## judge every specimen of the zoo, and hold the checks to their targets
	@$(RUN) python -m pytest -m zoo $(ARGS)

fuzz: $(READY) ## run the property tests for MINUTES each, with other examples every time: make fuzz MINUTES=60
	@$(RUN) python -W ignore -m tests.fuzz $(MINUTES) $(ARGS)

lint: $(READY) ## check format, lint and types
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy

check: lint ## the one gate: format, lint, types, every test, branch coverage
	@$(RUN) python -m pytest -m "not zoo" --cov --cov-branch --cov-report=term $(ARGS)

build: $(READY) ## compile the source notebook into releases, solutions and zips, and run the build's gate
	@$(RUN) autograder build $(ARGS)

confusion: $(READY) ## print which diagnosis each sample submission gets, against which it should
	@$(RUN) python -m tests.zoo.confusion $(ARGS)

assess: $(READY) ## measure how right the grader is about each assignment; the figures go into solutions/ and README
	@for words in source/*/assignment.toml; do $(RUN) autograder assess "$$(basename "$$(dirname "$$words")")" $(ARGS) || exit 1; done
	@$(RUN) python tools/write_accuracy.py

calibrate: $(READY) ## measure the thresholds of the checks of maps and of readings again
	@$(RUN) python tools/calibrate_embedding.py $(ARGS)
	@$(RUN) python tools/calibrate_readings.py

bench-cluster: $(READY) ## grade a class on Dask workers of which some are killed; ARGS="--class 1000" takes fewer
	@$(RUN) python tools/bench_cluster.py $(ARGS)

bench: $(READY) ## grade a class three ways, and compare the costs; ARGS="--save" writes docs/performance.json
	@$(RUN) python tools/bench.py $(ARGS)

attackers: $(READY) ## grade a class with each attacker, and compare what it costs the others; ARGS="--class 6 spins"
	@$(RUN) python tools/attackers.py $(ARGS)

model: $(READY) ## train the network again; ARGS="--data mnist.npz" for images that lie on disk
	@$(RUN) python source/mapping_representations/train_mnist_cnn.py $(ARGS)

sources: $(READY) ## make the notebooks that `autograder new` wrote again, with the words beside them
	@$(RUN) python tools/renew_sources.py

golden: $(READY) ## renew the golden copies of the pages, tests/report/golden/
	@$(RUN) python -m tests.report.golden_pages

pictures: $(READY) ## renew the pictures of README and docs/ from the demo; needs chromium
	@$(RUN) python tools/make_pictures.py $(ARGS)

readme: $(READY) ## renew the help texts in README
	@$(RUN) python tools/write_help.py

platforms: $(READY) ## print on which systems and Pythons the release can be installed; needs a package index
	@$(RUN) python tools/resolve_platforms.py $(ARGS)

lock: $(READY) ## renew requirements.lock and environment.yml; ARGS=--upgrade takes newer versions
	@$(RUN) uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements.lock $(ARGS)
	@$(RUN) python tools/write_environment.py

test-3.11 test-3.12 test-3.13: test-%: ## run `make test` with that Python, in an environment of its own
	@if python=$$(sh tools/find_python.sh $(if $(PYTHON),$(PYTHON),$*)); then \
		$(MAKE) --no-print-directory test VENV=.venvs/$* PYTHON="$$python"; \
	else \
		echo "test-$* skipped: no Python $* with its venv module on PATH or under pyenv; name one with PYTHON=."; \
	fi

test-torch: ## grade a network of PyTorch's, in an environment of its own that has PyTorch
	@$(MAKE) --no-print-directory VENV=.venvs/torch PYTHON="$(if $(PYTHON),$(PYTHON),3.11)" .venvs/torch/.ready
	@.venvs/torch/bin/python -c "import torch" 2>/dev/null || .venvs/torch/bin/python -m pip install --quiet torch
	@PATH="$(CURDIR)/.venvs/torch/bin:$$PATH" .venvs/torch/bin/python -m pytest --needing PyTorch -m "" $(ARGS)

clean: ## remove what the targets made, the environments too
	rm -rf .venv .venvs dist demo out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage *.egg-info
