"""Faults made on purpose, and what must hold while they last and soon after."""
