"""WhatsApp over Twilio, without Rasa: messages come in, are written down, answered by a turn, and sent in order.

inbound.py            what Twilio's form says
twilio_signature.py   whether Twilio sent it
receiver.py           from the webhook into the inbox, each message once
buttons.py            choices: shown numbered or as buttons, and understood when they come back
reply_drafts.py       what a turn says, queued in one transaction when it has ended
splitting.py          long texts, in parts that WhatsApp takes
sender.py             sends what is queued, in order for each conversation
sent_messages.py      each message at Twilio: its SID, and what became of it
ticket_completion.py  finishes the ticket once its last message was accepted; hands over when one was not
twilio_client.py      Twilio's API
twilio_errors.py      what its error codes mean

The channel of Rasa that uses all this stands in `rasa_plugin/channel/`.
"""
