"""Intents without Rasa: examples, labels, the model and its threshold, training, and the comparison of two models."""
