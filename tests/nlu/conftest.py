"""What the examples taught, asked of the components."""

from support.understanding import examples, trained, understanding

__all__ = ["examples", "trained", "understanding"]
