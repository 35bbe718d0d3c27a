"""Items → files: exports that import again, templates to fill in, a clerk's own workbook with notes at its cells."""

from .catalogue import FORMATS, LAYOUTS, export, masked

__all__ = ["FORMATS", "LAYOUTS", "export", "masked"]
