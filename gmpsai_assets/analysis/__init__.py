"""Pure numbers: statistics, completeness, check rules, pictures. Arguments in, values out.

No file, no network, no clock and no Dagster here.
"""
