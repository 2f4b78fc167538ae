"""The components of the pipeline: document extractor, intent classifier, and what is certain."""
