"""Benchmarks: measured against others in the same run, on the same machine.

No part of the product: not installed, and not under the tests' coverage, since most of it starts
programs and waits; what decides something (`figures`) has tests.
"""
