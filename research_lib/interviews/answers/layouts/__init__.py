"""The many ways in which platforms lay out one and the same answers: headers, cells, numbered repeats, XML."""
