"""What a published table says of a cell: its count is shown, its count is hidden, or nobody is in it."""

STATUSES = SHOWN, HIDDEN, ZERO = "shown", "hidden", "zero"
