"""What others would take to search catalogue rows: a module each, so that none pays for another's libraries."""
