"""Teaching the assistant new ways of saying something: what it did not understand, the examples, the training."""
