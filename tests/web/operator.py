"""An operator with a browser that knows forms, cookies and nothing else."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
from cryptography.fernet import Fernet
from support.databases import migrated_sqlite

from sandbox.server import RunningSandbox, listing
from segunda_via.app import App
from segunda_via.settings.environment import Environment

NAME, PASSWORD = "maria", "cavalo bateria grampo"
ROOT = "/configuracoes"


def new_app(folder: Path, **variables: str) -> App:
    told = {
        "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder),
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        "SEGUNDA_VIA_ACTION_SECRET": "the secret of the webhook",
        **variables,
    }
    return App(Environment.read(told), home=folder)


class Operator:
    """`client` keeps the cookies; every post carries the token of the page that was shown last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""

    async def get(self, path: str = "") -> httpx.Response:
        return self._shown(await self.client.get(f"{ROOT}{path}", follow_redirects=True))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        answer = await self.client.post(f"{ROOT}{path}", data={"csrf": self.hidden("csrf"), **fields})
        return self._shown(await self._follow(answer))

    async def sign_in(self, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
        await self.get()
        return await self.post("/entrar", nome=name, senha=password)

    def hidden(self, name: str, form: str = "") -> str:
        """A hidden field of the page, of the form with that action where several have it."""
        page = self.page.partition(f'action="{form}"')[2] if form else self.page
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found, f"the page has no field {name}"
        return html.unescape(found[1])

    async def _follow(self, answer: httpx.Response) -> httpx.Response:
        return await self.client.get(answer.headers["location"]) if answer.status_code == 303 else answer

    def _shown(self, answer: httpx.Response) -> httpx.Response:
        if "csrf" in answer.text:
            self.page = answer.text
        return answer


def document(sandbox: RunningSandbox, shows: str = "entrega completa") -> str:
    return next(row["document"] for row in listing(sandbox.sandbox.today()) if shows in row["shows"])


def fields(sandbox: RunningSandbox, gateway: str) -> dict[str, str]:
    name = "mkc" if gateway.startswith("mk_") else gateway
    return {"gateway": name, **sandbox.credentials(gateway)}


async def set_up(operator: Operator, sandbox: RunningSandbox, gateway: str = "asaas") -> httpx.Response:
    await operator.get("/integracao")
    await operator.post("/integracao", versao=operator.hidden("versao"), **fields(sandbox, gateway))
    await operator.post("/integracao/recebedor", documento=document(sandbox))
    return await operator.post("/integracao/confirmar", recebedor="1", substituir="1")
