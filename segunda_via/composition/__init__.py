"""The wings of the composition root, each standing on the one before; `segunda_via.app.App` is the whole house.

foundation   time, environment, key, database, what the operator saved
boletos      from a document to a delivery
tickets      journal, desks, what waits
whatsapp     inbox, outbox, Twilio
screen       who may enter the settings
stored_data  how long everything lives, and what is told and erased of a person
"""
