"""The published history: the plotly JSON, the static page that shows it, and the server that hands it out.

Nothing here knows how the statistics were computed, and nothing here knows Dagster.
"""
