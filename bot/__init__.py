"""People, clocks, networks and disks around the two libraries."""
