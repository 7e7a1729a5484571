"""Thin Dagster resources: configuration in, a plain object of ``acnet`` or ``lake`` out.

What those objects do belongs to their packages.
"""
