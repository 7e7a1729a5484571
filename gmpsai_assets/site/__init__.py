"""The published history: the plotly JSON, the static page that shows it, and the server that hands it out.

Nothing here knows how the statistics were computed, and nothing here knows Dagster. A day goes this way: ``history``
reads the statistics of all published days and makes the plotly JSON, ``daily_numbers`` makes what the page draws of the
same statistics, ``release`` writes both with the page into a folder, ``publishing`` switches the site over to that
folder, or, where the site is a folder that must stay, has its files put ``into`` it, and ``server`` (`gmpsai site`)
serves it.
"""
