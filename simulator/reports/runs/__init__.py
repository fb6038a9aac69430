"""What a run of scenarios tells, and how it is shown: console, JUnit, JSON, NDJSON, HTML."""
