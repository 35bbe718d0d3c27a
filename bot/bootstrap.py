"""The one place that builds the real parts and hands them down; nothing below looks anything up."""
