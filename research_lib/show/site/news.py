"""What changed from one version of a study to the next, as a page."""

from collections.abc import Mapping

import pandas as pd

from research_lib.exchange.change_reports import rows_told
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon, page_style
from research_lib.show.site.dated_pictures import template
from research_lib.show.words import Words

CHANGES = ("added", "changed", "withdrawn")


def news_page(changes: Mapping[str, pd.DataFrame], words: Words, address: Addresses, licence: str) -> str:
    """Write the page that tells what changed in each version, by its day, the newest first, table by table."""
    versions = [
        {
            "day": day,
            "date": words.date(day),
            "counted": _counted(changes[day], words),
            "tables": [
                {"name": table, "counted": _counted(rows, words), "rows": [*rows_told(rows)]}
                for table, rows in changes[day].groupby("table", sort=False)
            ],
        }
        for day in sorted(changes, reverse=True)
    ]
    return template("news.html.j2").render(
        words=words, address=address, versions=versions, css=page_style([]), icon=page_icon(), licence=licence
    )


def _counted(rows: pd.DataFrame, words: Words) -> str:
    each = rows.drop_duplicates(["table", "id", "change"])["change"].value_counts()
    return words.listed(words.plural(f"news.{change}", int(each[change])) for change in CHANGES if change in each)
