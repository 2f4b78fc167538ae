"""Writes what each gateway can give into docs/gateways.md, as docs/gateways.yml says it. Run as a module.

The contract suite holds that file to what the simulators show; a test holds the page to the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from segunda_via.gateways.registry import GATEWAYS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, DECLARED = DOCS / "gateways.md", DOCS / "gateways.yml"
BEGIN, END = "<!-- matrix:begin -->", "<!-- matrix:end -->"
HEADINGS = {
    "pix": "Pix",
    "qr_image": "QR image",
    "pdf": "PDF",
    "updated_amount": "updated amount",
    "overdue_flag": "overdue flag",
    "webhook": "webhook",
    "customer_contacts": "customer's phone or e-mail",
}


def declared() -> Mapping[str, Mapping[str, bool]]:
    """Adapter -> what its gateway can give."""
    found: Mapping[str, Mapping[str, bool]] = YAML(typ="safe").load(DECLARED.read_text("utf-8"))
    return found


def matrix() -> str:
    """The table, in Markdown."""
    rows = [f"| gateway | {' | '.join(HEADINGS.values())} |", "|---|" + "---|" * len(HEADINGS)]
    capabilities = declared()
    for name, known in GATEWAYS.items():
        marks = ("yes" if capabilities[name][each] else "–" for each in HEADINGS)
        title = f"`{known.choice.name}`" + (f" (`{name}`)" if known.family else "")
        rows.append(f"| {title} | {' | '.join(marks)} |")
    return "\n".join(rows)


def renewed(page: str) -> str:
    """`page` with the table between its marks renewed."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{matrix()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
