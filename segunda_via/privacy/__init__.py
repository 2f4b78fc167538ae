"""What is held of one person, told and erased when they ask for it.

subject.py    who asks: by phone, by document
places.py     where it stands: the rows of each table
requests.py   the answer: show, export, erase, each with a protocol number
"""
