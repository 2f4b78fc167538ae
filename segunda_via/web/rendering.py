"""The screen's templates: escaped always, times in São Paulo, secrets by their last four characters."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from segunda_via.boletos.formatting import ago, last_four, moment, thousands

HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Built at the first page: a server that nobody configures does not pay for it."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        moment=moment, ago=ago, last_four=last_four, sentence=sentence, whatsapp=whatsapp, thousands=thousands
    )
    return made


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)


def sentence(line: str) -> Markup:
    """One line as a sentence, what stands between grave accents as code; everything else escaped.

    >>> print(sentence("não há `Fila <1>`"))
    Não há <code>Fila &lt;1&gt;</code>.
    """
    html = re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(f"{line[:1].upper()}{line[1:]}")))
    return Markup(html if html.endswith((".", "!", "?")) else f"{html}.")  # noqa: S704  escaped above


def whatsapp(text: str) -> Markup:
    """What WhatsApp shows for its signs: *bold*, _italic_, ~struck~, `code`, > quotes and - lists; the rest escaped.

    >>> whatsapp("*Oi*, a_b_c, <b> e `*não*`\\n- um\\n> dito")
    Markup('<b>Oi</b>, a_b_c, &lt;b&gt; e <code>*não*</code>\\n• um\\n<span class="quoted">dito</span>')
    """
    html = str(escape(text))
    html = re.sub(r"(?m)^[-*] (?=\S)", "• ", html)
    html = re.sub(r"(?m)^&gt; (.*)$", r'<span class="quoted">\1</span>', html)
    pieces = re.split(r"```(.+?)```|`([^`\n]+?)`", html, flags=re.DOTALL)
    shown = [_emphasised(pieces[0])]
    for block, inline, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        shown += [f"<code>{block or inline}</code>", _emphasised(after)]
    return Markup("".join(shown))  # noqa: S704  escaped above, and only these tags are added


def _emphasised(html: str) -> str:
    for sign, tag in (("*", "b"), ("_", "i"), ("~", "s")):
        mark = re.escape(sign)
        spoken = rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])"
        html = re.sub(spoken, rf"<{tag}>\1</{tag}>", html)
    return html
