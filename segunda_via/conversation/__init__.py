"""What the assistant says and when, without Rasa: form, menu, keywords, business hours, responses, inactivity.

document_form.py, document_answer.py  the form that asks for the document; what one message means to it
responses.py                          the texts: the domain's under what operators saved
response_store.py                     the saved texts
response_rules.py                     what a text may be
*_setting.py                          how menu, keywords, hours and queue are saved
"""
