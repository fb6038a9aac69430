"""The clauses of GLI-19 that checks are evidence for, by their headings.

GLI-19, Standards for Interactive Gaming Systems, version 3.0 of 17 July 2020. Only clauses whose
number and heading were found cited alike by others stand here; what a check shows is a part of what
the clause asks, and no certification of it.
"""

CLAUSES = {
    "2.5.5": "Limitations and Exclusions",
    "2.5.6": "Financial Transactions",
}
"""Number → heading. 2.5.6 is about deposits and withdrawals, not about stakes."""
