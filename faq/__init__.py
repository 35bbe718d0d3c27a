"""The official Q&A: parse, keep, and find again."""
