"""The custom actions of the plugin, one file each. A bot's actions package registers them by importing this one.

rasa_sdk registers every subclass of `Action` in the process, so the modules are imported one by one. Nothing is
configured at import; what is logged here is redacted from then on, and nothing of the bot's own logs. Of the bot's
action server only calls of these actions are guarded, unless the bot says `segunda_via.actions.server.alone = True`.
"""

from rasa_sdk.plugin import plugin_manager

from segunda_via import app, log_redaction
from segunda_via.actions import (
    action_abandon_ticket,
    action_boleto_already_paid,
    action_cancel_late_boleto,
    action_close_inactive_ticket,
    action_finish_ticket,
    action_hand_over_ticket,
    action_late_boleto_coming,
    action_next_boleto,
    action_open_ticket,
    action_send_boleto,
    action_send_late_boleto,
    validate_segunda_via_form,
)
from segunda_via.actions.action_server import ActionServer

__all__ = [
    "action_abandon_ticket",
    "action_boleto_already_paid",
    "action_cancel_late_boleto",
    "action_close_inactive_ticket",
    "action_finish_ticket",
    "action_hand_over_ticket",
    "action_late_boleto_coming",
    "action_next_boleto",
    "action_open_ticket",
    "action_send_boleto",
    "action_send_late_boleto",
    "server",
    "validate_segunda_via_form",
]

log_redaction.install()
server = ActionServer(app.current)
if not plugin_manager().has_plugin("segunda_via"):
    plugin_manager().register(server, name="segunda_via")
