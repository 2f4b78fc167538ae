"""The settings screen, and the other routes of the action server: media links, desks, `/metrics`.

action_server.py   puts all of it on the action server that rasa_sdk starts
access.py          who may call /webhook, /actions and /metrics, and what an error may say
request_bounds.py  refuses a request by its head, before its body is read
screen.py          what every page has: session, CSRF, headers, errors in words
page.py            what a page is made of: its routes, and a visit to it
pages/             the pages, one module each
saving.py          saving from a form: refusals in words, no lost update
unsaved_form.py    what was pasted and not confirmed yet, encrypted for a quarter of an hour
media_routes.py    GET /media/<token>: the QR code or the PDF
desk_routes.py     POST /desk/<desk>: a ticket desk returns a conversation
"""
