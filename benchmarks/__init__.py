"""Benchmarks: each job beside its bare limit, measured in the same run, and judged by their ratio.

``make bench`` runs all of them. Absolute times depend on the machine and are shown for orientation only.
"""
