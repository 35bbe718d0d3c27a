"""Official documents in words: their lines, paragraphs, numbers and slips."""
