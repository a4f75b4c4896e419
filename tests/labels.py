"""Names of the cases of a test, the same in every process."""

import re


def label(value):
    """As `repr`, without addresses in memory."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
