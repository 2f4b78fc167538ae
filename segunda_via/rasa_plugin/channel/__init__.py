"""The channel `whatsapp` inside the Rasa server: webhook, turns, replies, workers."""
