"""A simulator of Twilio, as far as a WhatsApp channel uses it: its API, its webhooks, what becomes of each message.

api.py       the routes, and `TwilioSimulator`         account.py   one account and its messages
inbound.py   what a customer does, as a webhook        content.py   templates: quick replies and lists
webhooks.py  signature, time-outs, retries             media.py     fetching media by Twilio's rules
delivery.py  statuses, callbacks, failures             errors.py    Twilio's codes and words
"""

from sandbox.twilio.account import Account, Media, Message
from sandbox.twilio.api import TwilioSimulator
from sandbox.twilio.delivery import Timing
from sandbox.twilio.inbound import Inbound
from sandbox.twilio.webhooks import signature

__all__ = ["Account", "Inbound", "Media", "Message", "Timing", "TwilioSimulator", "signature"]
