"""Clients that are wrong on purpose, one defect each, and right ones that look different.

They play against our own sandbox, struck by a plan; what is judged is the journal. They share no
code with `simulator/adapters`.
"""
