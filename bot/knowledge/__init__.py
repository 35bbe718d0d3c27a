"""Building, publishing and rolling back knowledge snapshots."""
