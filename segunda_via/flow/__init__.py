"""What happens in the flow, step by step, as figures: `events` records, `counting` and `days` count, `stats` answers.

An event carries no personal data: who it concerns is a keyed hash, a document at most its mask.
"""
