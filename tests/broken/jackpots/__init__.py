"""Jackpot services: wrong ones, and right ones that look different."""
