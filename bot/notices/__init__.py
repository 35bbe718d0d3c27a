"""Notices: composing, suggesting whom they concern, checks, and approval by different people."""
