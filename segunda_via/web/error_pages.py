"""Whatever goes wrong is a page that says what to do, and never shows data or a traceback."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from segunda_via.app import App
from segunda_via.errors import SecretKeyError, SegundaViaError
from segunda_via.web.rendering import render
from segunda_via.web.screen import support

logger = logging.getLogger(__name__)

WORDS: Mapping[int, tuple[str, str]] = {
    403: ("Pedido recusado", "Este formulário não veio desta tela, ou é antigo."),
    404: ("Página não encontrada", "Não há nada neste endereço."),
    410: ("Link já usado", "Este link não vale mais. Entre com seu nome e sua senha."),
    413: ("Formulário grande demais", "O que foi enviado é grande demais."),
}
"""Status -> title and words."""
_OTHERS = ("Pedido recusado", "O que foi enviado não pode ser lido.")


class ErrorPages:
    """Starlette calls these in a thread: what the page says of whom to ask is in the database, if that can be read."""

    def __init__(self, app: App) -> None:
        self._app = app

    def handlers(self) -> dict[type[Exception], Callable[..., Any]]:
        """By the exception; of those that an exception is, the narrowest counts."""
        return {
            HTTPException: self.refused,
            SecretKeyError: self.unreadable,
            SQLAlchemyError: self.without_database,
            SegundaViaError: self.impossible,
            ClientDisconnect: self.nobody_waits,
            Exception: self.unforeseen,
        }

    def refused(self, request: Request, error: HTTPException) -> Response:
        title, words = WORDS.get(error.status_code, _OTHERS)
        return self._page(title, words, error.status_code, error.headers)

    def unreadable(self, request: Request, error: SecretKeyError) -> Response:
        return self._page("A chave não abre o que está salvo", str(error), 503)

    def without_database(self, request: Request, error: SQLAlchemyError) -> Response:
        logger.error("the screen cannot use the database (%s)", type(error).__name__)
        return self._page("Banco de dados fora do ar", "Tente de novo em instantes.", 503)

    def impossible(self, request: Request, error: SegundaViaError) -> Response:
        return self._page("Não foi possível", str(error), 503)

    def nobody_waits(self, request: Request, error: ClientDisconnect) -> Response:
        """Whoever sent the form went before it was whole."""
        return Response(status_code=400)

    def unforeseen(self, request: Request, error: Exception) -> Response:
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        logger.error("a page of the screen failed with %s at:\n%s", type(error).__name__, frames)
        return self._page("Algo não funcionou", "O erro está no log do servidor. Tente de novo.", 500)

    def _page(self, title: str, words: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
        html = render("error.html", title=title, words=words, support=support(self._app))
        return HTMLResponse(html, status, headers)
