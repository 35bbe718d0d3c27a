"""``zwgk catalogue``: the clerk's workbench for catalogues, a few commands a file."""

from . import browsing, exporting, importing
from .app import app

__all__ = ["app", "browsing", "exporting", "importing"]
