"""The settings screen: /configuracoes of the public server.

screen_routes.py   its routes
screen.py          what every page has: session, CSRF, cookies, the state in the head
page.py            what a page is made of: its handlers, and a visit to it
pages/             the pages, one module each
sign_in.py         signing in and out, and the first access
error_pages.py     what goes wrong, in words
headers.py         the headers of every answer
csrf.py            whether a form was sent by one of our pages
cookies.py         the cookies' names, and the notice that the next page shows once
proxies.py         who asks, behind the proxies that are trusted
rendering.py       templates/ filled in; charts.py draws the panel's charts
static_files.py    static/: the style sheet and the scripts
response_catalogue.py  the texts for customers, with their titles
saving.py          saving from a form: refusals in words, no lost update
unsaved_form.py    what was pasted and not confirmed yet, encrypted for a quarter of an hour
"""
