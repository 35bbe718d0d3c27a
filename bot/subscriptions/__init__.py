"""Who wants to hear of what, where they can be reached, and what they agreed to."""
