"""Completeness, statistics, check rules and pictures of a published day. Arguments in, values out.

Nothing is fetched or stored here.
"""
