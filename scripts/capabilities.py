"""Writes what each gateway can give into docs/gateways.md, as its adapter declares it. Run as a module.

The contract suite holds the declarations to what the simulators show; a test holds the page to the declarations.
"""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path

from segunda_via.gateways.port import Capabilities
from segunda_via.gateways.registry import GATEWAYS, GatewayProduct

PAGE = Path(__file__).resolve().parent.parent / "docs" / "gateways.md"
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


def capabilities(product: GatewayProduct) -> Capabilities:
    module, name = product.adapter.split(":")
    declared: Capabilities = getattr(import_module(f"segunda_via.gateways.{module}"), name).capabilities
    return declared


def matrix() -> str:
    """The table, in Markdown."""
    names = [field.name for field in fields(Capabilities)]
    rows = [
        "| gateway | " + " | ".join(HEADINGS[name] for name in names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for gateway, products in GATEWAYS.items():
        for profile, product in products.items():
            declared = capabilities(product)
            marks = ("yes" if getattr(declared, name) else "–" for name in names)
            rows.append(f"| `{gateway}`{f' (`{profile}`)' if profile else ''} | " + " | ".join(marks) + " |")
    return "\n".join(rows)


def renewed(page: str) -> str:
    """`page` with the table between its marks renewed."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{matrix()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
