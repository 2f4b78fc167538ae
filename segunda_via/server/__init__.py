"""The public server: what the internet reaches.

application.py     its routes, what stands before all of them, and its lifespan
serve.py           runs it on uvicorn
http_protocol.py   HTTP as it comes from the wire: what is malformed, too large, too slow or too much is refused
request_limits.py  how long a body may be and may take, and how many requests an address may send
access_log.py      a line for each request, without personal data; where exceptions end
whatsapp_routes.py Twilio's calls
media_routes.py    the QR code or the PDF of a link
desk_routes.py     a ticket desk returns a conversation
health_routes.py   whether it lives, and whether it can serve
metrics_route.py   figures for Prometheus
workers.py         what runs beside the requests
inbox.py           one message becomes one turn of Rasa
admission.py       how many turns are run at once
load.py            what this process does, as figures
"""
