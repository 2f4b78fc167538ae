"""What is stored of people: what for, how long, and what they are told and can have erased.

stored_data.py            all that is stored: customer_data.py and company_data.py, each entry as expiry.py describes it
retention.py              erases by that list, once an hour
data_subject.py           who asks: by phone, by document
data_places.py            the rows of each table that are theirs
data_subject_requests.py  the answer: show, export, erase, each with a protocol number
"""
