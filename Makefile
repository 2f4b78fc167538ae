# Two commands matter: `make chat` and `make test`. Everything is set up when first needed; `make` alone lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.PHONY: help setup chat demo test test-slow lint types validate train nlu-report actions run sandbox bench pictures readme lock clean

PYTHON := .venv/bin/python
GATEWAY ?= asaas
ARGS ?=
# Rasa and TensorFlow greet with banners and deprecation warnings that nobody can act upon.
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONWARNINGS := ignore
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 20

setup: ## install everything, pinned, into .venv (every other command does it when needed)
	@scripts/setup.sh

chat: train ## talk to the assistant in this terminal, against a sandbox gateway; GATEWAY=asaas
	@exec $(PYTHON) -m scripts.chat --gateway $(GATEWAY) $(ARGS)

demo: train ## the assistant on a phone in the browser, over a simulated WhatsApp; GATEWAY=asaas
	@exec $(PYTHON) -m scripts.demo --gateway $(GATEWAY) $(ARGS)

test: lint types validate train ## lint, types, training data and every quick test
	@$(PYTHON) -m pytest -q -n auto --dist loadfile -m "not slow" $(ARGS)

test-slow: train ## the tests that take long: real servers, terminals, browsers
	@$(PYTHON) -m pytest -m slow $(ARGS)

lint: setup ## ruff, and the layers of the packages (import-linter)
	@$(PYTHON) -m ruff check
	@.venv/bin/lint-imports --no-logo

types: setup ## mypy --strict on segunda_via/ and actions/
	@$(PYTHON) -m mypy

validate: setup ## Rasa's own check of domain, rules and examples
	@$(PYTHON) -m scripts.validate

train: setup ## train the model if what shapes it changed
	@$(PYTHON) -m scripts.train

nlu-report: setup ## measure understanding on the held-out sentences; ARGS=--with-diet
	@exec $(PYTHON) -m scripts.nlu_report $(ARGS)

actions: setup ## the action server alone
	@exec $(PYTHON) -m rasa_sdk --actions actions $(ARGS)

run: train ## the Rasa server and the action server, with your gateway
	@exec $(PYTHON) -m scripts.run $(ARGS)

sandbox: setup ## the simulated gateways alone
	@exec $(PYTHON) -m sandbox $(ARGS)

bench: setup ## measure, beside Rasa's default pipeline
	@exec $(PYTHON) -m bench.run $(ARGS)

pictures: setup ## take the pictures of the operator's guide anew (needs Chromium)
	@exec $(PYTHON) -m scripts.pictures $(ARGS)

readme: setup ## renew the conversation in README.md
	@RENEW_README=1 $(PYTHON) -m pytest -q tests/setup/test_readme.py

lock: setup ## renew requirements.lock from pyproject.toml
	@$(PYTHON) -m scripts.lock

clean: ## remove what the commands made; var/ (keys, data, logs) stays
	rm -rf .venv .uv .rasa models results .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
