"""What is put in the place of a true answer: half of it, or more, or other than anybody expects."""

from __future__ import annotations

import json
from collections.abc import Callable

_MILLION = 1_000_000


def spoiled(kind: str, body: bytes) -> bytes:
    """`body` as the fault of that kind would have it."""
    if kind == "empty":
        return b""
    if kind == "truncated":
        return body[: len(body) // 2]
    if kind == "huge_body":
        return b'{"data": "' + b"x" * (3 * 1024 * 1024) + b'"}'
    if kind == "deep":
        return b"[" * 100_000
    transform: Callable[[object], object] = {
        "wrong_types": _other_type,
        "huge_field": _huge,
        "missing_fields": _hollow,
    }[kind]
    try:
        value = json.loads(body)
    except ValueError:  # a token that is the whole body has no fields
        return body
    return json.dumps(transform(value)).encode()


def _other_type(value: object) -> object:
    if isinstance(value, dict):
        return {key: _other_type(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_other_type(item) for item in value]
    return [value]


def _huge(value: object, spent: list[bool] | None = None) -> object:
    # One text of each answer: all of them would be a huge body, which is another fault.
    spent = [] if spent is None else spent
    if isinstance(value, dict):
        return {key: _huge(item, spent) for key, item in value.items()}
    if isinstance(value, list):
        return [_huge(item, spent) for item in value]
    if isinstance(value, str) and " " in value and not spent:
        spent.append(True)
        return value + "x" * _MILLION
    return value


def _hollow(value: object) -> object:
    if isinstance(value, dict):
        return {key: _hollow(item) for key, item in value.items()}
    return [{} for _ in value] if isinstance(value, list) else value
