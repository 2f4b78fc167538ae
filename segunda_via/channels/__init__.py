"""WhatsApp over Twilio, inside the Rasa server. What only transforms data here imports no Rasa.

input      the webhook: signature, durable inbox, acknowledgement     signature, inbound   what it is made of
turns      one inbox entry -> one turn of Rasa -> its messages         output, splitting, buttons
"""
