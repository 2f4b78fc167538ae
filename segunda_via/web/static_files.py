"""The screen's own style sheet, scripts and icon: the files in static/."""

from __future__ import annotations

import mimetypes
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from segunda_via.web.rendering import HERE

FOLDER = HERE / "static"

# Some machines' own lists call it something else, and then `nosniff` keeps browsers from running it.
mimetypes.add_type("text/javascript", ".js")


class ScreenFiles(StaticFiles):
    """What browsers may keep for five minutes."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=300"
        return response
