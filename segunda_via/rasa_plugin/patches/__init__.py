"""What is changed in Rasa at run time, one module a change: its reason, and when it can be removed.

Each is put in place by calling its `install()`, by whoever needs it; importing changes nothing. Doing it again changes
nothing either. `tests/rasa_plugin/test_patches.py` fails when Rasa no longer has what is changed, or needs no change.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def put_around(owner: Any, name: str, wrapped: Callable[[Any], Callable[..., Any]], *, by: str) -> None:
    """Put `wrapped(function)` in the place of `owner`'s function of that name, once for each `by`."""
    function = getattr(owner, name)
    changed_by = getattr(function, "changed_by", ())
    if by not in changed_by:
        changed: Any = functools.wraps(function)(wrapped(function))
        changed.changed_by = (*changed_by, by)
        setattr(owner, name, changed)
