"""What a notebook, a dashboard or JupyterLab shows a study with: widgets, tables that are read, charts, maps.

Charts are drawn as SVG, since what Altair draws by default asks another host for its scripts.
"""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
