"""What a page of the settings screen is made of: its routes, and a visit to it.

Adding a page: a module in `pages/` with a `PAGE = Page(path, title, group)` whose handlers are registered by
`@PAGE.get()` and `@PAGE.post()`, a template that extends `shell.html`, and one line in `pages/__init__.py`. Sign-in,
CSRF, headers, errors and the state in the head are the shell's. A handler may be a plain function, which runs in a
thread so that nobody else waits for it, or a coroutine, when it asks somebody else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from segunda_via.operators.sessions import OperatorSession

if TYPE_CHECKING:
    from segunda_via.app import App

ROOT = "/configuracoes"


@dataclass(frozen=True)
class Html:
    """A page: the template and what it is given."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """Go to another page of the screen, after a post. `notice` is shown there once; `level` is ok or warning."""

    path: str
    notice: str | None = None
    level: str = "ok"


@dataclass(frozen=True)
class File:
    """Something to download or to fetch by script."""

    content: bytes = field(repr=False)
    content_type: str = "text/plain; charset=utf-8"
    name: str | None = None


Answer = Union[Html, Redirect, File]  # noqa: UP007  a runtime alias
Handler = Callable[["Visit"], Answer | Awaitable[Answer]]


class Form(ImmutableMultiDict[str, str]):
    """What was posted, or the query: of each name its last value, and by `getlist` all of them.

    >>> form = Form([("nome", "a"), ("nome", "b")])
    >>> form["nome"], form.getlist("nome"), form["senha"], "senha" in form, form
    ('b', ['a', 'b'], '', False, Form(['nome']))
    """

    def __getitem__(self, name: str) -> str:
        """The value; empty when it was not sent."""
        return super().__getitem__(name) if name in self else ""

    def __repr__(self) -> str:
        """Without the values: passwords and tokens are among them."""
        return f"Form({sorted(self)})"


async def read_form(request: Request) -> Form:
    """What was posted. How long it may be, the server says; files are refused."""
    posted = await request.form(max_fields=1000, max_files=0)
    return Form([(name, value) for name, value in posted.multi_items() if isinstance(value, str)])


@dataclass(frozen=True)
class Visit:
    """One request of an operator who is signed in. `query` is the address's, `form` what was posted."""

    app: App
    session: OperatorSession
    query: Form = field(repr=False)
    form: Form = field(repr=False)
    host: str = "localhost:8000"
    scheme: str = "http"

    @property
    def company(self) -> str:
        return self.session.company

    @property
    def operator(self) -> str:
        return self.session.operator


@dataclass
class Page:
    """`path` is below /configuracoes; `group` is the heading that the navigation shows it under ("" : not shown)."""

    path: str
    title: str
    group: str = ""
    icon: str = "dot"
    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{ROOT}{self.path}"

    def get(self, below: str = "") -> Callable[[Handler], Handler]:
        return self._on("GET", below)

    def post(self, below: str = "") -> Callable[[Handler], Handler]:
        return self._on("POST", below)

    def _on(self, method: str, below: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.handlers[method, below] = handler
            return handler

        return register
