"""What the action server answers besides Rasa: the media routes, behind one guard.

media_routes.py  GET /media/<token>; mounts on the action server or on a channel's blueprint
desk_routes.py   POST /desk/<desk>; a ticket desk gives a conversation back
guard.py         who may call /webhook and /actions, and what an error may say
attach.py        puts both on the action server that rasa_sdk starts
"""
