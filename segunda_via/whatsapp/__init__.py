"""WhatsApp over Twilio, without Rasa: inbound messages, signatures, buttons, splitting, sending, statuses."""
