"""Studies made of frames that somebody has in Python: their ids, what else they say, and their numbers."""
