"""Published catalogue tables → items: reading a table, telling what a cell says, mending what conversion damaged."""

from .catalogue import Import, Report, import_catalogue
from .tables import OWN_SHEETS, Finding

__all__ = ["OWN_SHEETS", "Finding", "Import", "Report", "import_catalogue"]
