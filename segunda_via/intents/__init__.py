"""Intents without Rasa: examples, labels, the model and its threshold, training, and the comparison of two models.

example_files.py        the examples, the skill's and those in data/nlu; the latter are written
phrase_labels.py        what operators said that a message means
misunderstood.py        what was not understood, masked and grouped
misunderstood_store.py  the same of the last days, stored encrypted
training_service.py     trains with the labelled phrases (training_job.py: one at a time, with progress)
model_comparison.py     trains without and with new examples, and asks both
training_effect.py      what a training changed, for operators
"""
