"""Probes: each looks whether one thing is in order, and says it in one way, wherever it is read.

probe.py             what a probe is; `run` asks now, `known` tells what was found last
registry.py          all of them, in the order in which they are shown
gateway.py           the gateway, and the confirmed payee
desk.py              the ticket desk, and its queue
whatsapp.py          the account at Twilio
twilio_in_detail.py  the account, the number and the webhooks at Twilio, and the public address, one by one
installation.py      variables, database, public address, ports, texts, conversations, model

They are read in three places: `segunda-via doctor` asks all of them; Estado shows, on every page of the settings
screen, what is known without asking anybody; `health_watch` asks the slow ones regularly, so that Estado knows.
"""
