"""Delivery channels of notifications."""
