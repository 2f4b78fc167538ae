"""What to paste into the settings screen to speak to each simulator, as a page to copy from."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from segunda_via.desks import registry as desks
from segunda_via.gateways import registry
from segunda_via.http.credentials import Field

STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.2rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
dl{display:grid;grid-template-columns:minmax(12rem,auto) 1fr;gap:.3rem 1rem;margin:0}dt{opacity:.8}dd{margin:0}
code{font:.95em ui-monospace,Consolas,monospace;overflow-wrap:anywhere;user-select:all}
@media (max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
"""


Known = Callable[[str], Mapping[str, Mapping[str, str]]]
"""Credentials by simulator, when the sandbox is reached at that address."""


def answering(gateways: Known, tickets: Known) -> Callable[[Request], Response]:
    """The route of the page."""

    def answer(request: Request) -> Response:
        root = str(request.base_url).rstrip("/")
        parts = [_gateway(name, fields) for name, fields in gateways(root).items()]
        parts += [_desk(name, fields) for name, fields in tickets(root).items()]
        return HTMLResponse(page("".join(parts)))

    return answer


def page(parts: str) -> str:
    return (
        "<!DOCTYPE html><html lang='pt-BR'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<link rel='icon' href='/phone/static/phone.svg' type='image/svg+xml'>"
        f"<title>Segunda Via · o que colar</title><style>{STYLE}</style></head><body>"
        "<main><h1>O que colar em Configurações</h1>"
        "<p>Um clique seleciona o valor inteiro. Tudo é inventado e só vale nesta demonstração.</p>"
        f"{parts}</main></body></html>"
    )


def _gateway(simulator: str, credentials: Mapping[str, str]) -> str:
    known = registry.GATEWAYS[simulator]
    return _section(known.title, known.fields, credentials)


def _desk(simulator: str, credentials: Mapping[str, str]) -> str:
    return _section(f"Atendimento: {desks.description(simulator).label}", desks.fields(simulator), credentials)


def _section(title: str, fields: Iterable[Field], credentials: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{html.escape(each.label.split(' (')[0])}{' (em Avançado)' if each.advanced else ''}</dt>"
        f"<dd><code>{html.escape(credentials[each.name])}</code></dd>"
        for each in fields
        if each.name in credentials
    )
    return f"<h2>{html.escape(title)}</h2><dl>{rows}</dl>"
