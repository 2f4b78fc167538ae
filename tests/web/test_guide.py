"""The operator's guide: every page stands in it, in both sizes and both themes, and nothing it shows is missing."""

from __future__ import annotations

import re

from scripts.pictures import FOLDER, PICTURES, SIZES, THEMES
from scripts.processes import ROOT
from segunda_via.web.pages import PAGES

GUIDE = ROOT / "docs" / "guia-do-operador.md"


def test_every_page_is_pictured() -> None:
    assert {page.path for page in PAGES} <= {path.partition("?")[0] for path in PICTURES.values()}


def test_every_picture_stands_in_the_guide_in_both_sizes_and_both_themes() -> None:
    shown = set(re.findall(r"\(imagens/([\w-]+\.png)\)", GUIDE.read_text(encoding="utf-8")))
    wanted = {f"{name}-{size}-{theme}.png" for name in PICTURES for size in SIZES for theme in THEMES}
    assert wanted <= shown
    assert shown == {path.name for path in FOLDER.glob("*.png")}
