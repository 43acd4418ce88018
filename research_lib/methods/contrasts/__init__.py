"""What differs between two countries or groups, and how sure we are: effect sizes with intervals first.

Every result is a table, or a frozen value, with the counts it rests on, the estimate, its interval and the method by
name. There are no stars. A p-value is that of a test, named beside it: `mantel_haenszel` gives its tests with the
pooled result, the others give one only where a test is requested. Start with `contrast` (from records) or
`contrast_counts` (from counts, also published ones); `mantel_haenszel` compares like with like; `adjust` is for
many tests together.
"""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
