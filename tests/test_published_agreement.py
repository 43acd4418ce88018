"""Coefficients of agreement against worked examples in print, each value to its last printed digit.

`PUBLISHED` is the table of these values: under each source the ratings, the weights (for alpha, the level of
measurement), the coefficient, and what is printed of it. A star marks examples whose data and values also stand in the
tests of DKPro Statistics. Standard errors and limits are those of two coders in a cross-table.
"""

import numpy as np
import pandas as pd
import pytest

from research_lib.coding import agreement, unitizing


def pairs(*table):
    """Two coders' ratings from the rows of their cross-table."""
    return [(i, j) for i, row in enumerate(table) for j, times in enumerate(row) for _ in range(times)]


def units(text):
    """Ratings from one word a unit and one sign a coder; a dot is a gap, digits are numbers."""
    return [[None if sign == "." else int(sign) if sign.isdigit() else sign for sign in word] for word in text.split()]


def coders(*words):
    """Ratings from one word a coder and one sign a unit."""
    return [list(unit) for unit in zip(*(units(word)[0] for word in words), strict=True)]


def by_distance(*weights):
    """Weights of agreement from those of the distances 0, 1, 2 and so on."""
    return np.array([[weights[abs(i - j)] for j in range(len(weights))] for i in range(len(weights))])


def joined(*sets):
    """Weights for four categories of which those in a set count as one."""
    return np.array([[float(i == j or {i, j} in sets) for j in range(1, 5)] for i in range(1, 5)])


DIAGNOSES = units(
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 "
    "333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)
ANXIETY = coders("33345523522615221243", "36462424332333221334", "21443216111233113322")
DATA = {
    "cohen_37": pairs([25, 12, 3], [13, 2, 15], [12, 16, 2]),
    "cohen": pairs([88, 14, 18], [10, 40, 10], [2, 6, 12]),
    "brennan_1": pairs([50, 0, 0], [10, 10, 10], [20, 0, 0]),
    "brennan_2": pairs([50, 0, 10], [0, 10, 10], [10, 10, 0]),
    "zwick_1": pairs([20, 0, 0, 5], [0, 10, 15, 0], [0, 15, 10, 0], [5, 0, 0, 20]),
    "zwick_2": pairs([20, 10, 10, 0], [10, 10, 0, 0], [10, 0, 10, 0], [0, 0, 0, 20]),
    "zwick_3": pairs([20, 5, 5, 10], [0, 10, 5, 5], [0, 5, 10, 5], [0, 0, 0, 20]),
    "even": pairs([12, 9, 9], [9, 14, 9], [9, 9, 20]),
    "uneven": pairs([12, 18, 18], [0, 14, 18], [0, 0, 20]),
    "balanced": pairs([40, 9], [6, 45]),
    "paradox": pairs([80, 5], [10, 5]),
    "requests": pairs([20, 10], [20, 50]),
    "dialogue_acts": pairs([46, 0, 0], [6, 32, 6], [0, 0, 10]),
    "pathologists": pairs([22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]),
    "winnipeg": pairs([38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]),
    "new_orleans": pairs([5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]),
    "mammograms": pairs([34, 10, 2, 0], [6, 8, 8, 2], [2, 5, 4, 12], [0, 1, 2, 14]),
    "sas_table": pairs([0, 4, 1], [0, 8, 0], [0, 1, 5]),
    "abstractors": pairs([13, 0, 0], [0, 20, 7], [0, 4, 56]),
    "methods": pairs([40, 4, 4, 17], [6, 25, 2, 13], [4, 1, 21, 12], [15, 5, 9, 45]),
    "digits_a": coders("001111111100001111110000", "000011110000000110000000"),
    "digits_b": coders("111111111111111111000000", "111111111100000000000000"),
    "digits_c": coders("001111110011001111001100", "110011110011110011001100"),
    "diagnoses": DIAGNOSES,
    "diagnoses_2": [row[:2] for row in DIAGNOSES],
    "anxiety_12": [row[:2] for row in ANXIETY],
    "anxiety_23": [row[1:] for row in ANXIETY],
    "six_raters": DIAGNOSES[:15],
    "four_raters": coders("123321412...", "1233224125..", ".33323422513", "12332441251."),
    "five_observers": coders(
        "112.001122.0131", "1130000.2110231", "203000222100221", ".13....0.10022.", "2..0001.2....31"
    ),
    "two_groups": coders("abccbadab...bb", "abccbbdabe..ba", ".cccbcdbbeaccc", "abccbddabea.bb"),
    "fifteen": coders("aaaaabbbcaaaaab", "aaaababccaaaaba", "abbcaabbcabbcaa", "ccccaabbcccccaa"),
    "ben_and_gerry": coders("aabbdcccedda", "babbbccce.dd"),
    "yes_no": units("yyy yyn nny nnn"),
    "mostly_yes": units("yyy yyn yyn yyy"),
    "atypia": units("NNNNNNNN " * 14 + "NNNANNNN NNNNNNNA " + "AAAAAAAA " * 10 + "AANAAAAN AANAAAAN AANANAAN AANANANN"),
    "binary_4": units("1111 " * 6 + "1010 " * 5 + "0000 " * 4),
    "binary": coders("1100000000", "0110010100"),
    "three_coders": units("111 122 222 444 144 222 123 333 222"),
    "twelve": units("aa ab bb bb bb bb bc cc cc cc cc cc"),
    "news": units(
        "112.2 1101. 2333. .00.0 000.0 000.0 102.1 1.20. 222.2 2111. .100. 0000. 1222. 33223 111.1 111.1 212.2 1233. "
        "1101. 000.0 0011. 00.00 2333. 0000. 12.22 0111. 00010 1212. 1122. 112.2 110.0 2121. 22.22 3222. 222.2 223.2 "
        "222.2 22.12 2222. 111.1"
    ),
    "encyclopedia": coders(".....34121133.3", "1.213343.......", "..21344.21133.4"),
}
WEIGHTS = {
    "-": None,
    "linear": "linear",
    "quadratic": "quadratic",
    "cohen_68": 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6,
    "half_check": np.array([[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]]),
    "join_12": joined({1, 2}),
    "join_12_34": joined({1, 2}, {3, 4}),
    "join_12_23_34": joined({1, 2}, {2, 3}, {3, 4}),
    "quarters": by_distance(1, 0.5, 0.25, 0),
    "steps_000111": by_distance(1, 1, 1, 0, 0, 0),
    "steps_001122": by_distance(1, 1, 0.5, 0.5, 0, 0),
    "equal_5": by_distance(1, 0.75, 0.5, 0.25, 0),
    "squared_5": by_distance(1, 15 / 16, 0.75, 7 / 16, 0),
    "ordinal_3": by_distance(1, 2 / 3, 0),
}
COEFFICIENTS = {
    "percent": agreement.percent_agreement,
    "uniform": agreement.brennan_prediger,
    "scott": agreement.scott_pi,
    "cohen": agreement.cohen_kappa,
    "fleiss": agreement.fleiss_kappa,
    "conger": agreement.conger_kappa,
    "gwet": agreement.gwet_ac,
}
COLUMNS = ["value", "error", "low", "high", "expected"]
PUBLISHED = """
    ratings        weights        coeff.   value       error       low     high    expected
Cohen (1960), pp. 37 and 45 *
    cohen_37       -              percent  .29
    cohen_37       -              cohen    -           -           -       -       .35
    cohen          -              percent  .70
    cohen          -              cohen    .492        -           -       -       .41
Brennan and Prediger (1981), pp. 689 and 691 *
    brennan_1      -              percent  .60
    brennan_1      -              cohen    .27         -           -       -       .45
    brennan_1      -              uniform  .40         -           -       -       .33
    brennan_2      -              cohen    .29         -           -       -       .44
    brennan_2      -              uniform  .40
Zwick (1988), p. 376, three tables *
    zwick_1        -              percent  .600
    zwick_1        -              uniform  .467
    zwick_1        -              scott    .467
    zwick_1        -              cohen    .467
    zwick_2        -              uniform  .467
    zwick_2        -              scott    .444
    zwick_2        -              cohen    .444
    zwick_3        -              uniform  .467
    zwick_3        -              cohen    .474
Krippendorff (2004), p. 246, two tables *
    even           -              percent  .460
    even           -              uniform  .190
    even           -              scott    .186
    even           -              cohen    .186
    uneven         -              percent  .460
    uneven         -              uniform  .190
    uneven         -              scott    .186
    uneven         -              cohen    .258
Feinstein and Cicchetti (1990), a balanced table and the first paradox
    balanced       -              percent  .85
    balanced       -              cohen    .70
    paradox        -              percent  .85
    paradox        -              cohen    .32         -           -       -       .78
Artstein and Poesio (2008), pp. 558 and 568 *
    requests       -              uniform  .4
    requests       -              scott    -           -           -       -       .545
    requests       -              cohen    -           -           -       -       .54
    dialogue_acts  -              percent  .88
    dialogue_acts  -              uniform  .82
    dialogue_acts  -              scott    .7995       -           -       -       .4014
    dialogue_acts  -              cohen    .8013       -           -       -       .396
    dialogue_acts  half_check     cohen    .8163
Agresti (1992), p. 202, pathologists of Landis and Koch *
    pathologists   -              cohen    .493        .057
Krippendorff (1995), p. 57, stretches written as digits *
    digits_a       -              cohen    .385
    digits_a       -              scott    .314
    digits_a       nominal        alpha    .329
    digits_b       -              cohen    .385
    digits_b       -              scott    .314
    digits_c       -              cohen    .314
    digits_c       -              scott    .314
irr for R, kappa2(diagnoses[, 1:2])
    diagnoses_2    -              cohen    .651
Cohen (1968), Table 1, in the examples of psych for R
    cohen          cohen_68       cohen    .348
Landis and Koch (1977), Tables 1, 3 and 8, equations (4.6) and (5.1)
    winnipeg       -              cohen    .208
    winnipeg       join_12        cohen    .328
    winnipeg       join_12_34     cohen    .408
    winnipeg       join_12_23_34  cohen    .596
    new_orleans    -              cohen    .297
    new_orleans    join_12        cohen    .332
    new_orleans    join_12_34     cohen    .386
    new_orleans    join_12_23_34  cohen    .789
    winnipeg       quarters       cohen    .315
    new_orleans    quarters       cohen    .407
Friendly, vcd for R, Kappa(MSPatients)
    winnipeg       -              cohen    -           .0505
    new_orleans    -              cohen    -           .0785
    winnipeg       linear         cohen    .380        .0517
    new_orleans    linear         cohen    .477        .0730
Kundel and Polansky (2003), Table A1, in the documentation of vcdExtra for R, Mammograms
    mammograms     -              cohen    .3713       .06033
    mammograms     linear         cohen    .5964       .04923
SAS, PROC FREQ, in the tests of statsmodels
    sas_table      -              cohen    .4842       .1380
    sas_table      linear         cohen    .4701       .1457
irr for R, kappa2(anxiety, ...), in the tests of statsmodels; levels that occur are one step apart
    anxiety_12     steps_000111   cohen    .1891892
    anxiety_12     steps_001122   cohen    .2820513
    anxiety_23     -              cohen    -.006289308
    anxiety_23     equal_5        cohen    .1459075
    anxiety_23     squared_5      cohen    .2520325
irrCAC for R (Gwet 2014), vignettes "overview" and "weighting"
    abstractors    -              cohen    -           -           .680    .913
    abstractors    -              scott    .7962397    .05905473   .679    .913
    abstractors    -              gwet     -           .04321747   .764    .935
    abstractors    -              uniform  -           .04693346   .742    .928
    abstractors    -              percent  -           .03128898   .828    .952
    abstractors    nominal        alpha    .7972585
    abstractors    quadratic      cohen    .8921569    .03535151   .822    .962
    abstractors    quadratic      scott    .8921093    .03539506
    abstractors    quadratic      gwet     .9402369    .01792019   .905    .976
    abstractors    quadratic      uniform  .9175       .02346673
    abstractors    quadratic      percent  .9725       .007822244
    abstractors    interval       alpha    .8926487
    six_raters     -              percent  .5511111
    six_raters     -              gwet     .4448007    -           -       -       .1914815
    six_raters     -              fleiss   .4139265    -           -       -       .2340741
    six_raters     -              uniform  .4388889
    six_raters     nominal        alpha    .4204384
    six_raters     quadratic      percent  .8544444
    six_raters     quadratic      gwet     .4837438    -           -       -       .7180556
    six_raters     quadratic      fleiss   .2511909    -           -       -       .8056173
    six_raters     quadratic      uniform  .4177778
    six_raters     interval       alpha    .259511
    four_raters    -              percent  .8181818
    four_raters    -              gwet     -           -           -       -       .1903212
    four_raters    -              fleiss   -           -           -       -       .2387153
    four_raters    -              conger   .76282      -           -       -       .2334252
    four_raters    quadratic      percent  .9753788
    four_raters    quadratic      gwet     -           -           -       -       .7137044
    four_raters    quadratic      fleiss   -           -           -       -       .8177083
    four_raters    quadratic      conger   .85771      -           -       -       .8269638
irrCAC for Python, documentation and tests
    abstractors    -              cohen    -           -           -       -       .4597
    abstractors    -              gwet     -           -           -       -       .26992
    abstractors    linear         cohen    .843
    abstractors    linear         scott    .843
    abstractors    linear         gwet     .900
    abstractors    linear         uniform  .87625      .0352       .80641  .94609  .55556
    abstractors    ordinal_3      cohen    .872        -           .791    .953
    abstractors    ordinal_3      gwet     .925
    methods        -              cohen    .432        .046        .341    .522
    methods        -              scott    .430
    methods        -              gwet     .456        .043        .371    .542
    methods        -              uniform  .450        .044
    methods        linear         cohen    .407        .053
    methods        linear         scott    .406        .054
    methods        linear         gwet     .377        .056
    methods        linear         uniform  .347        .060
    methods        quadratic      cohen    .383        .066
    methods        quadratic      scott    .382
    methods        quadratic      gwet     .299        .075
    methods        quadratic      uniform  .236        .085
    four_raters    linear         percent  .939
    four_raters    linear         gwet     .859
    four_raters    linear         fleiss   .818
    four_raters    linear         conger   .814
    four_raters    linear         uniform  .848
    five_observers -              percent  .616
    five_observers -              gwet     .497
    five_observers -              fleiss   .458
    five_observers -              conger   .469
    five_observers -              uniform  .487
    five_observers nominal        alpha    .481
    two_groups     -              percent  .744
    two_groups     -              gwet     .685
    two_groups     -              fleiss   .657
    two_groups     -              conger   .659
    two_groups     -              uniform  .679
    two_groups     nominal        alpha    .632
    fifteen        -              percent  .456
    fifteen        -              gwet     .208
    fifteen        -              fleiss   .129
    fifteen        -              conger   .166
    fifteen        -              uniform  .183
    fifteen        nominal        alpha    .143
    ben_and_gerry  -              percent  .727
    ben_and_gerry  -              gwet     .661
    ben_and_gerry  -              fleiss   .649
    ben_and_gerry  -              conger   .657
    ben_and_gerry  -              uniform  .659
    ben_and_gerry  nominal        alpha    .665
Fleiss (1971), pp. 379-381 *
    diagnoses      -              percent  .5556
    diagnoses      -              fleiss   .430
irr for R, kappam.fleiss(diagnoses), in the tests of statsmodels
    diagnoses      -              fleiss   .4302445
Randolph (2005), p. 17, two tables *
    yes_no         -              percent  .67
    yes_no         -              fleiss   .33         -           -       -       .50
    yes_no         -              uniform  .33
    mostly_yes     -              fleiss   -.20
    mostly_yes     -              uniform  .33
Warrens (2010), p. 284 *
    atypia         -              conger   .8326
Warrens (2012), p. 9 *
    binary_4       -              conger   .564
Krippendorff (1980), p. 133, and (2004), p. 224 *
    binary         -              percent  .600
    binary         nominal        alpha    .095
Krippendorff (1980), p. 139 *
    three_coders   nominal        alpha    .642
    three_coders   interval       alpha    .547
    three_coders   ratio          alpha    .483
Krippendorff (2004), p. 227 *
    twelve         -              percent  .833
    twelve         nominal        alpha    .734
Hayes and Krippendorff (2007), p. 84 *
    news           ordinal        alpha    .7598
Hayes and Krippendorff (2007), in the tests of tidycomm for R
    news           nominal        alpha    .4765
Hayes and Krippendorff (2007), by krippendorff_alpha of T. Grill
    news           interval       alpha    .757
Wikipedia, Krippendorff's alpha, in the tests of krippendorff for Python
    encyclopedia   nominal        alpha    .691358
    encyclopedia   interval       alpha    .810845
"""


def read(table):
    """Each printed value of the table as a case: ratings, weights, coefficient, what of it, as printed."""
    source = ""
    for line in table.strip("\n").splitlines()[1:]:
        if not line.startswith(" "):
            source = line
            continue
        ratings, weights, coefficient, *values = line.split()
        for column, printed in zip(COLUMNS, values, strict=False):
            if printed != "-":
                words = f"{source}: {ratings} {weights} {coefficient} {column}"
                yield pytest.param(ratings, weights, coefficient, column, printed, id=words)


def computed(ratings, weights, coefficient, column):
    """What this library gives for a case; chance agreement from the coefficient and the observed agreement."""
    if coefficient == "alpha":
        return agreement.krippendorff_alpha(ratings, level=weights, resamples=0).value
    result = COEFFICIENTS[coefficient](ratings, weights=WEIGHTS[weights])
    if column == "expected":
        observed = agreement.percent_agreement(ratings, weights=WEIGHTS[weights]).value
        return (observed - result.value) / (1 - result.value)
    return getattr(result, column)


def as_printed(number, printed):
    """Whether a number is the printed one to its last digit."""
    return abs(number - float(printed)) <= 0.5 * 10 ** -len(printed.partition(".")[2]) + 1e-12


@pytest.mark.parametrize(("ratings", "weights", "coefficient", "column", "printed"), list(read(PUBLISHED)))
def test_the_value_in_print(ratings, weights, coefficient, column, printed):
    number = computed(DATA[ratings], weights, coefficient, column)
    assert as_printed(number, printed), f"{number} is not {printed}"


@pytest.mark.parametrize(
    ("weights", "printed"),
    [("-", ".2546"), ("join_12", ".4005"), ("join_12_34", ".5200"), ("join_12_23_34", ".5700")],
)
def test_variances_of_landis_and_koch(weights, printed):
    """Landis and Koch (1977), equation (4.7), Winnipeg patients, in hundredths."""
    result = agreement.cohen_kappa(DATA["winnipeg"], weights=WEIGHTS[weights])
    assert as_printed(100 * result.error**2, printed)


# Krippendorff (1995), p. 57, coders A, C and D: begin and length of what each of two coders marked, of 24.
STRETCHES = {
    "A": ([(2, 8), (14, 6)], [(4, 4), (15, 2)]),
    "C": ([(2, 6), (10, 2), (14, 4), (20, 2)], [(0, 2), (4, 4), (10, 4), (16, 2), (20, 2)]),
    "D": ([(0, 2), (2, 8), (10, 4), (14, 6), (20, 4)], [(0, 4), (4, 4), (8, 7), (15, 2), (17, 7)]),
}


@pytest.mark.parametrize(
    ("code", "length", "observed", "expected", "alpha"),
    [
        ("A", 1_200_000, ".03125", ".06990", ".553"),
        ("D", 1_200_000, ".38715", ".41445", ".066"),
        ("C", 12, None, ".05494", ".494"),
    ],
)
def test_unitizing_of_1995(code, length, observed, expected, alpha):
    """Krippendorff (1995), in the tests of DKPro Statistics; the continuum as long as the article makes it.

    What the article expects of coders B, and of coders C on longer continua, does not follow from the formula of 2004.
    """
    stretch = length // 12
    rows = [
        (coder, code, begin * stretch // 2, (begin + part) * stretch // 2)
        for coder, marked in zip("ij", STRETCHES[code], strict=True)
        for begin, part in marked
    ]
    frame = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    found = unitizing._disagreement(frame, ["i", "j"], 0, length)
    assert observed is None or as_printed(found[0], observed)
    assert as_printed(found[1], expected)
    assert as_printed(unitizing.unitizing_alpha(frame, start=0, end=length).by_code[code], alpha)
