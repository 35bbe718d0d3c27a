"""Documents in, searchable catalogue out. Pure: no network, no environment, no clock."""
