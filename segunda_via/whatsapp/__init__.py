"""WhatsApp over Twilio, without Rasa: messages come in, are written down, answered by a turn, and sent in order.

inbound.py            what Twilio's form says
twilio_signature.py   whether Twilio sent it
receiver.py           from the webhook into the inbox, each message once
turn_request.py       what Rasa is told of it
replies.py            what Rasa said, as messages of WhatsApp, put into the outbox
buttons.py            choices: shown numbered or as buttons, and understood when they come back
shown_choices.py      those that a customer was shown last
typing_indicator.py   shows that an answer is on its way
splitting.py          long texts, in parts that WhatsApp takes
sender.py             sends what is queued, in order for each conversation
sent_messages.py      each message at Twilio: its SID, and what became of it
ticket_completion.py  finishes the ticket once its last message was accepted; hands over when one was not
twilio_client.py      Twilio's API
twilio_errors.py      what its error codes mean

The public server joins all this (`server/whatsapp_routes.py`, `server/inbox.py`, `server/workers.py`).
"""
