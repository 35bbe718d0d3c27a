"""The one home of Chinese text analysis."""

from .normalise import clean, normalise, simplify

__all__ = ["clean", "normalise", "simplify"]
