"""The page on adding a gateway speaks of files that exist, and quotes the example as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segunda_via.gateways.port import Gateway

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-gateway.md").read_text("utf-8")
EXAMPLE = (ROOT / "tests" / "gateways" / "example_gateway.py").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/]+/[\w/]+\.py)`", PAGE))))
def test_every_file_that_it_names_exists(path):
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("excerpt", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_every_excerpt_is_the_examples(excerpt):
    assert excerpt in EXAMPLE


def test_it_names_everything_that_an_adapter_has():
    for name in {*Gateway.__annotations__} - {"name"}:
        assert f"`{name}`" in PAGE
    assert "three methods" in PAGE
    assert sum(callable(value) and not name.startswith("_") for name, value in vars(Gateway).items()) == 3
