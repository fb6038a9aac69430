"""Rules of the money APIs that no suite can judge from outside, and who does (SBX-21).

A rule is either asked for by a check or stands here with the reason; a test says that none is
forgotten.
"""

UNSEEN: dict[str, str] = {
    "WAL-03": "a duty of the caller: `playmoney watch` judges it",
    "WAL-73": "a duty of the caller: `playmoney watch` judges it",
    "WAL-75": "a duty of the caller: `playmoney watch` judges it",
}
"""Rule → why no check asks for it."""
