"""What is stored of people: what for, how long, and what they are told and can have erased.

stored_data.py            every table: what it holds, why, who sees it, how long it is kept
retention.py              erases by that list, once an hour
data_subject.py           who asks: by phone, by document
data_places.py            the rows of each table that are theirs
data_subject_requests.py  the answer: show, export, erase, each with a protocol number
"""
