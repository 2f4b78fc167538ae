"""What the public server itself says to customers, in the place of a turn."""

from __future__ import annotations

from segunda_via.app import App
from segunda_via.conversation import domain_file
from segunda_via.conversation.responses import lay_over, text_of
from segunda_via.errors import ConfigurationError


def spoken(app: App, company: str, response: str) -> str:
    """The text of a response as operators edited it; of the skill's own where no bot stands in this folder."""
    try:
        responses = domain_file.responses(app.project / domain_file.DOMAIN)
    except ConfigurationError:
        responses = domain_file.of_skill()
    return text_of(response, lay_over(responses, app.response_cache.get(company)), "whatsapp")
