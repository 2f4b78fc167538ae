"""What happens in the flow, step by step, as figures: `events` records, `stats` counts.

An event carries no personal data: who it concerns is a keyed hash, a document at most its mask.
"""
