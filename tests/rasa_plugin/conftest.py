"""The components, trained on all examples."""

from support.understanding import examples, trained, understanding

__all__ = ["examples", "trained", "understanding"]
