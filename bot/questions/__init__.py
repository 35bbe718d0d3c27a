"""What was asked and how it ended: for statistics, and for the desk of unanswered questions."""
