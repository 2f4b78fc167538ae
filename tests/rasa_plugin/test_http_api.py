"""In which spellings Rasa's API would be opened to everyone."""

from __future__ import annotations

import pytest

from segunda_via.rasa_plugin import http_api


@pytest.mark.parametrize(
    "arguments",
    [
        "--enable-api",
        "--enable",  # argparse takes any unambiguous beginning
        "--model m.tar.gz --enable-api --cors *",
        "--enable-api --auth-token=",
        "--enable-api --jwt-method HS256",
        "--enable-api --jwt-secret s3cret --jwt-method=",
    ],
)
def test_without_a_token_or_a_secret_it_is_open(arguments: str) -> None:
    assert http_api.is_open(arguments.split())


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--interface 0.0.0.0 --debug",
        "--enable-api --auth-token long",
        "--enable-api --auth-token=long",
        "--enable-api --auth long",
        "-t long --enable-api",
        "-tlong --enable-api",
        "--enable-api --jwt-secret s3cret",
        "--enable-api --jwt-sec=s3cret --jwt-method RS256",
    ],
)
def test_closed_or_protected(arguments: str) -> None:
    assert not http_api.is_open(arguments.split())
