"""The channel by which the public server has Rasa run turns."""
