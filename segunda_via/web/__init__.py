"""The settings screen, and the other routes of the action server: media links, desks, `/metrics`.

action_server.py   puts all of it on the action server that rasa_sdk starts
access.py          who may call /webhook, /actions and /metrics, and what an error may say
request_bounds.py  refuses a request by its head, before its body is read; Rasa's server uses it too
binding.py         where a server listens, and a warning when others reach it
proxies.py         who asks, behind the proxies that are trusted
headers.py         the headers of every answer of the screen
csrf.py            whether a form was sent by one of its pages
screen.py          what every page has: session, CSRF, headers, errors in words
screen_routes.py   its routes
page.py            what a page is made of: its routes, and a visit to it
pages/             the pages, one module each
sign_in.py         signing in and out, and the first access
requests.py        reads a form, no longer than it may be; the cookies' names
rendering.py       templates/ filled in; charts.py draws the panel's charts
static_files.py    static/: the style sheet and the scripts
response_catalogue.py  the texts for customers, with their titles
saving.py          saving from a form: refusals in words, no lost update
unsaved_form.py    what was pasted and not confirmed yet, encrypted for a quarter of an hour
media_routes.py    GET /media/<token>: the QR code or the PDF
desk_routes.py     POST /desk/<desk>: a ticket desk returns a conversation
prometheus.py      GET /metrics
"""
