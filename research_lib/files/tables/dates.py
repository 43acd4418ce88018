"""Days as a workbook counts them, as dates."""

from datetime import date, timedelta
from typing import Literal

type System = Literal[1900, 1904]

FALSE_DAY, SERIAL_MOST = 60, 2_958_465
SINCE_1900: System = 1900


def serial_date(serial: int, system: System) -> date:
    """The date that a workbook means by a number of days; its 1900 system has a 29 February 1900 that never was.

    Raises ValueError for that day, for days before the system begins, and beyond the year 9999.
    """
    if serial < 0 or serial > SERIAL_MOST or (system == SINCE_1900 and serial in (0, FALSE_DAY)):
        raise ValueError(f"day {serial} does not exist in the {system} date system")
    if system != SINCE_1900:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 31 if serial < FALSE_DAY else 30) + timedelta(days=serial)
