"""The conversation on the README's first screen is one that took place.

`make readme` renews it after the words changed. Day and sandbox are fixed, and what differs each time (ports, tokens of
links) is written as `make chat` usually shows it, so that the text stays true and the same.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from rasa.core.agent import Agent
from support.conversations import TODAY, Conversation, InProcessActionServer, Turn, application

from sandbox.server import RunningSandbox, listing
from scripts.train import ROOT, ensure_model
from segunda_via.settings.environment import VARIABLES

README = ROOT / "README.md"
BEGIN, END = "<!-- conversation:begin -->\n", "<!-- conversation:end -->"
PUBLIC = "http://127.0.0.1:8000"
SANDBOX = "http://127.0.0.1:8085"
PROMPT = "Your input ->"


def shown(turn: Turn) -> list[str]:
    """As `rasa shell` prints it."""
    lines = []
    for message in turn.messages:
        lines += [message["text"]] if message.get("text") else []
        lines += [f"{kind.capitalize()}: {message[kind]}" for kind in ("image", "attachment") if message.get(kind)]
    return lines


async def conversation(folder: Path) -> str:
    agent = Agent.load(ensure_model(), action_endpoint=InProcessActionServer())
    with RunningSandbox(today=lambda: TODAY) as sandbox:
        environ = {
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.credentials("asaas")),
            "SEGUNDA_VIA_PUBLIC_URL": PUBLIC,
        }
        with application(folder, TODAY, **environ) as app:
            customer = Conversation(agent, app)
            lines = []
            for text in ("oi, preciso da segunda via do meu boleto", listing(TODAY)[0]["document"]):
                lines += [f"{PROMPT}  {text}", *shown(await customer.says(text))]
            assert customer.ticket() == ("finished", "overdue")
            await app.close()
        text = "\n".join(lines).replace(sandbox.base_url, SANDBOX)
    return re.sub(r"(/media/)[\w-]+", r"\1…", text)


async def test_the_readme_shows_a_conversation_that_took_place(tmp_path: Path) -> None:
    block = f"{BEGIN}```text\n{await conversation(tmp_path)}\n```\n{END}"
    readme = README.read_text(encoding="utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if os.environ.get("RENEW_README"):
        README.write_text(before + block + after, encoding="utf-8")
        readme = README.read_text(encoding="utf-8")
    assert readme == before + block + after, "the words changed: run `make readme`"


def test_every_variable_is_documented() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(VARIABLES)


def test_both_commands_and_the_conversation_stand_on_the_first_screen() -> None:
    first = README.read_text(encoding="utf-8").splitlines()[:50]
    for needed in ("make chat", "make test", f"{PROMPT}  oi, preciso da segunda via do meu boleto", "Attachment: "):
        assert any(line.startswith(needed) for line in first), needed
