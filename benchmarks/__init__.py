"""What fusion costs, measured beside what it replaces; run by ``make bench``."""
