"""The screen's cookies: their names, and the notice that one of them takes to the next page."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

SESSION, NOTICE, VISITOR, DEVICE = "sv_sessao", "sv_aviso", "sv_visita", "sv_aparelho"
NOTICE_SECONDS = 60


class Notices:
    """Words for the page that a redirect leads to, signed, so that nobody else puts words there."""

    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="notice")

    def written(self, level: str, words: str) -> str:
        """What the cookie holds."""
        return str(self._serializer.dumps([level, words]))

    def read(self, cookie: str | None) -> tuple[str, str] | None:
        """Its level and its words."""
        if not cookie:
            return None
        try:
            level, words = self._serializer.loads(cookie, max_age=NOTICE_SECONDS)
        except BadSignature:
            return None
        return str(level), str(words)
