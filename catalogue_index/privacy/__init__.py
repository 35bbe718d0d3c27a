"""Personal data in text: found, named and masked."""

from .finding import NAMES, Personal, find, mask

__all__ = ["NAMES", "Personal", "find", "mask"]
