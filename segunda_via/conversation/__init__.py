"""What the assistant says and when, without Rasa: form, menu, keywords, business hours, responses, inactivity."""
