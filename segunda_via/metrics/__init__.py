"""What happens in the flow, recorded as events, and the figures that are counted from them.

event.py          the steps of the flow, one event each
recorder.py       writes an event: the conversation as a keyed hash, a document with its digits masked
counting.py       counts a span of time inside the database
tally.py          what is counted of a day or a month
days.py           the figures of days that are over, kept without their events
stats.py          the figures of the panel, of `segunda-via stats` and of `/metrics`
figures.py        the figures that open a list of events
display_names.py  what figures, outcomes and reasons are called

An event holds no name, phone or text. Of a person it holds that hash and the masked document, so it is personal data:
erased after a while, and on request.
"""
