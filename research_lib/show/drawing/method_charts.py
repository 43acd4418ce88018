"""Charts of the comparative methods: each draws a result together with how sure it is."""

import altair as alt
import pandas as pd

from research_lib.show.drawing.charts import GRID, INK, MEASURE, MUTED, PAPER, group_marks, in_order, rounded, styled

_ROW, _WIDTH, _WIDER = 34, 440, 44
_MODELS = "each dot a model, from the lowest estimate to the highest; lines are intervals"
_NO_DIFFERENCE = {"difference": 0.0, "ratio": 1.0, "odds": 1.0}


def forest_plot(table: pd.DataFrame, names: str = "outcome", *, note: str = "") -> alt.LayerChart:
    """Draw contrasts as a forest plot: the counts, the estimate, its interval, and where no difference would be.

    `table`: what `contrasts.contrast` gives, differences in percentage points; `names`: the column that names the
    rows, drawn in their order. `note`: a line above, such as that the records are synthetic.
    """
    shown = _in_units(table).assign(
        row=[f"{row[names]}   {row['k1']}/{row['n1']} · {row['k2']}/{row['n2']}" for row in table.to_dict("records")],
        place=range(len(table)),
    )
    axis = alt.Axis(tickCount=5, titleFontWeight="normal")
    x = alt.X("estimate:Q", title=_title(table), scale=_reach(shown), axis=axis)
    header = f"said yes / answered: {table['group1'].iloc[0]} · {table['group2'].iloc[0]}"
    labels = alt.Axis(
        ticks=False,
        domain=False,
        title=header,
        titleAngle=0,
        titleAlign="right",
        titleX=-8,
        titleY=-8,
        titleFontWeight="normal",
    )
    base = alt.Chart(shown).encode(y=alt.Y("row:N", sort=in_order("place"), axis=labels))
    null = base.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x="null:Q", y=alt.value(0), y2=alt.value("height"))
    spans = base.mark_rule(color=MEASURE, strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q")
    points = base.mark_square(color=MEASURE, size=90, opacity=1).encode(x=x)
    texts = base.mark_text(align="left", dx=_WIDTH / 2 + 14, color=INK, fontSize=12)
    chart = null + spans + points + texts.encode(x=alt.value(_WIDTH / 2), text="text:N")
    return styled(chart, _WIDTH, _ROW * len(shown), left=_WIDER, right=150, names=420, note=note)


def _in_units(table: pd.DataFrame) -> pd.DataFrame:
    """Differences as percentage points, ratios as they are; the text beside each row; where no difference would be."""
    measure = str(table["measure"].iloc[0])
    factor, digits = (100, 0) if measure == "difference" else (1, 2)
    scaled = rounded(table.assign(**{name: table[name] * factor for name in ("estimate", "low", "high")}))
    written = scaled[["estimate", "low", "high"]].map(lambda value: _signed(value, digits))
    texts = [f"{one} ({low} to {high})" for one, low, high in written.to_numpy()]
    return scaled.assign(text=texts, null=_NO_DIFFERENCE[measure])


def _reach(shown: pd.DataFrame) -> alt.Scale:
    if shown["measure"].iloc[0] != "difference":
        return alt.Scale(type="log")
    return alt.Scale(domain=[min(shown["low"].min(), 0.0), max(shown["high"].max(), 0.0)])


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits) + 0.0
    return f"{rounded:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _title(table: pd.DataFrame) -> str:
    first, second = table["group1"].iloc[0], table["group2"].iloc[0]
    words = {
        "difference": f"{first} less {second}, percentage points",
        "ratio": f"share in {first} over share in {second}",
        "odds": f"odds in {first} over odds in {second}",
    }
    return f"{words[str(table['measure'].iloc[0])]} ({table['level'].iloc[0]:.0%} interval)"


def memberships(table: pd.DataFrame) -> alt.LayerChart:
    """Draw how far each case belongs to each set; what is not stated stays an empty square.

    `table`: cases by sets, memberships from 0 to 1 or missing, drawn in its order.
    """
    cells = table.rename_axis("case").reset_index().melt("case", var_name="set", value_name="membership")
    places = {"across": cells.index // len(table), "down": cells.index % len(table)}
    cells = cells.assign(text=cells["membership"].map(_degree), **places)
    axis = alt.Axis(ticks=False, domain=False, orient="top", labelAngle=-35)
    base = alt.Chart(cells).encode(
        x=alt.X("set:N", sort=in_order("across"), title=None, axis=axis),
        y=alt.Y("case:N", sort=in_order("down"), title=None, axis=alt.Axis(ticks=False, domain=False)),
    )
    empty = base.transform_filter("datum.membership === null").mark_rect(fill="transparent", stroke=GRID)
    known = base.transform_filter("datum.membership !== null").mark_rect(stroke=GRID)
    scale = alt.Scale(domain=[0, 1], range=[PAPER, MEASURE], interpolate="lab")
    shades = known.encode(color=alt.Color("membership:Q", scale=scale, legend=None))
    light = alt.condition("datum.membership > .9", alt.value(PAPER), alt.value(INK))
    texts = known.mark_text(fontSize=12).encode(text="text:N", color=light)
    return styled(empty + shades + texts, 44 * table.shape[1], 24 * len(table), left=_WIDER, right=40, names=360)


def _degree(degree: float) -> str:
    return "" if pd.isna(degree) else f"{degree:.2g}".replace("0.", ".")


def accumulation(curve: pd.DataFrame, *, of: str = "interviews", note: str = "") -> alt.LayerChart:
    """Draw how many different codes so many interviews give; what lies ahead is dashed.

    `curve`: what `saturation.accumulation` gives, one line a group; the band is one standard deviation over the choices
    of so many interviews, and no interval of what is unseen. `of`: what was held, in the plural. `note`: a line above.
    """
    shown = rounded(_joined(curve))
    codes, spread = shown["codes"], shown["sd"].fillna(0)
    shown = shown.assign(low=codes - spread, high=codes + spread, ahead=shown["kind"] == "ahead")
    colour, shape = group_marks("group:N", [*dict.fromkeys(shown["group"])])
    across = alt.X("interviews:Q", title=of, axis=alt.Axis(format="d", grid=False))
    base = alt.Chart(shown).encode(x=across, color=colour)
    held = base.transform_filter("!datum.ahead")
    bands = held.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title="codes"), y2="high:Q")
    dash = alt.StrokeDash("ahead:N", scale=alt.Scale(range=[[1, 0], [5, 4]]), legend=None)
    lines = base.mark_line(strokeWidth=2.5).encode(y="codes:Q", strokeDash=dash)
    last = shown.groupby("group", as_index=False).last()
    ends = alt.Chart(last).encode(x="interviews:Q", y="codes:Q", color=colour)
    marks = ends.mark_point(filled=True, size=70, opacity=1).encode(shape=shape)
    names = ends.mark_text(align="left", dx=9, fontSize=13).encode(text="group:N")
    return styled(bands + lines + marks + names, 560, 320, note=note)


def _joined(curve: pd.DataFrame) -> pd.DataFrame:
    """Let what lies ahead begin where what is held ends."""
    last = curve[curve["kind"] != "ahead"].groupby("group", as_index=False).last().assign(kind="ahead")
    has_more = last["group"].isin(curve.loc[curve["kind"] == "ahead", "group"])
    return pd.concat([curve, last[has_more]]).sort_values(["group", "interviews"], ignore_index=True)


def estimates(models: pd.DataFrame, seen: int) -> alt.LayerChart:
    """Draw the estimates of several models as points with intervals, the smallest first, and how many were seen.

    `models`: rows of the table of `multiple_systems.span`: total, low, high, chosen (named where it is not empty).
    """
    ordered = rounded(models).sort_values(["total", "low", "high"], ignore_index=True)
    ordered = ordered.assign(place=ordered.index, top=ordered["high"].max())
    across = alt.X("place:Q", title=_MODELS, axis=alt.Axis(labels=False, ticks=False, grid=False))
    base = alt.Chart(ordered).encode(x=across)
    y = alt.Y("total:Q", title="people in all", axis=alt.Axis(format=",d"), scale=alt.Scale(zero=True))
    spans = base.mark_rule(color=MEASURE, opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q")
    points = base.mark_circle(color=MEASURE, size=18, opacity=1).encode(y=y)
    chosen = base.transform_filter("datum.chosen != ''")
    marks = chosen.mark_circle(color=INK, size=110, opacity=1).encode(y=y)
    leaders = chosen.mark_rule(color=INK).encode(y="top:Q", y2="total:Q")
    names = chosen.mark_text(color=INK, dy=-6, fontSize=12).encode(y="top:Q", text="chosen:N")
    line = alt.Chart(pd.DataFrame({"seen": [seen], "text": [f"{seen:,} seen"]}))
    known = line.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y="seen:Q")
    label = line.mark_text(color=MUTED, align="left", dx=4, dy=-7, x=0, fontSize=12).encode(y="seen:Q", text="text:N")
    return styled(spans + points + leaders + marks + names + known + label, 560, 320)
