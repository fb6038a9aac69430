"""What a client did under planned chaos, judged from the journal alone (SBX-09).

Pure: exchanges in, verdicts out. The input is the journal as it is exported, so a file from
yesterday is judged like the server that has just stopped; no code of the server is shared.

- `journal.py` reads the file; `attempt.py` says how each attempt ended for the client
- `operations.py` what a call is for; `watched.py` which attempts belong to one intent
- `faults.py` the table fault → what a correct client does (SBX-19)
- `plan.py` what is struck, what is judged, and what the caller's own profile says (WAL-75)
- `checks/` one file a check, listed in `table.py`; `suite.py` asks them all
"""
