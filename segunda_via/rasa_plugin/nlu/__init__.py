"""The components of the pipeline: document extractor, intent classifier, menu choice."""
