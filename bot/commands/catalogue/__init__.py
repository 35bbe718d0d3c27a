"""``zwgk catalogue``: the clerk's workbench for catalogues, a few commands a file."""

from . import browsing, checking, exporting, history, importing, places, templates
from .app import app

__all__ = [
    "app",
    "browsing",
    "checking",
    "exporting",
    "history",
    "importing",
    "places",
    "templates",
]
