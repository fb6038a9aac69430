"""Contract suites: what a system of yours does, judged rule by rule, over the wire only (SBX-08).

Shares no code with what it judges: it has its own money, signatures, HTTP client and model, so that
an error of ours cannot hide in both (docs/architecture.md, third wall).

- `checks/` one file a check, by role; `checks/table.py` lists them
- `check.py` what a check is; `drive.py` what it has at hand; `roles/` the calls of each API
- `target.py`, `config.py`, `profile.py` whom we judge, and by which switches
- `wires/` how bytes go out and come back; `reading.py` what an answer says
- `suite.py` runs checks and tells what happens, as events for `reports/verdicts/`
"""
