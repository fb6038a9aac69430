"""A suite as one HTML file that needs no network: verdict, rules, evidence, what was not tried."""

import difflib
from html import escape
from itertools import pairwise
from pathlib import Path

from simulator.reports.outputs import begin_page, write_page
from simulator.reports.verdicts import happenings as h
from simulator.reports.verdicts.kept import Kept

_STYLE = """
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
body{color:#1b1f24;background:#fff}h1{font-size:1.6rem;margin-bottom:.2rem}
h2{font-size:1.2rem;margin-top:2.4rem;border-top:1px solid #d5d9de;padding-top:1rem}
h3{font-size:1rem;margin:1.4rem 0 .2rem}p{margin:.3rem 0}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
th,td{text-align:left;padding:.25rem .8rem .25rem 0;vertical-align:top}
th,td{border-bottom:1px solid #eceef1}
.pass{color:#1a7f37}.fail{color:#c1121f}.inconclusive{color:#9a6700}.accepted{color:#57606a}
.mark{display:inline-block;min-width:6.5rem;font-weight:600}
code,pre{font:12px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;word-break:break-word;background:#f6f8fa;padding:.6rem;margin:.3rem 0;
border-radius:4px}summary{cursor:pointer;padding:.15rem 0}details{margin:.1rem 0 .1rem 1rem}
.why{border-left:3px solid #c1121f;padding:.2rem .8rem;margin:.4rem 0}
ins{background:#d1f4d9;text-decoration:none}del{background:#ffd9d6;text-decoration:none}
.muted{color:#57606a}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#e4e7ea}pre{background:#20252a}
th,td{border-color:#2b3036}h2{border-color:#3a4047}ins{background:#12482a}del{background:#5c1a18}
.muted,.accepted{color:#9aa4ad}.pass{color:#4ac26b}.fail{color:#ff7b72}.inconclusive{color:#d4a72c}}
"""

_WORDS = {"pass": "pass", "fail": "FAIL", "inconclusive": "not judged"}


class Html(Kept):
    """Writes the report when the suite is over."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        begin_page(path, self._title)

    def close(self) -> None:
        """Write the file."""
        parts = self._head()
        failed = [one for one in self._checks if one.verdict == "fail"]
        if failed:
            parts.append("<h2>What failed</h2>")
            parts += [_failure(one) for one in failed]
        if self._checks:
            parts.append("<h2>Every check</h2>")
            parts += self._categories()
            parts += _rules(self._checks)
        unclear = [one for one in self._checks if one.verdict == "inconclusive"]
        if unclear:
            parts.append("<h2>What was not judged</h2><ul>")
            parts += [
                f"<li><code>{escape(one.check)}</code> ({escape(', '.join(one.rules))}): "
                f"{escape(one.why)}</li>"
                for one in unclear
            ]
            parts.append("</ul>")
        parts += _blind(self._checks)
        write_page(self._path, self._title, _STYLE, parts)

    def _head(self) -> list[str]:
        ended, started = self._ended, self._started
        if ended is None:
            return ["<h1>The suite was interrupted</h1>"]
        bad = bool(ended.failed or ended.could_not)
        word = "could not judge" if ended.could_not else "FAIL" if bad else "PASS"
        mark = f'<span class="{"fail" if bad else "pass"}">{word}</span>'
        parts = [f"<h1>{escape(self._title)}: {mark}</h1>"]
        if ended.could_not:
            parts.append(f'<p class="why">{escape(ended.could_not)}</p>')
        if started is not None:
            parts.append(
                f'<p class="muted">{escape(started.target)} · suite {started.suite} · profile '
                f"{escape(started.profile)} · seed {started.seed} · run {escape(started.run)} · "
                f"playmoney {escape(started.playmoney)}</p>"
            )
        parts.append(
            f'<p><b class="pass">{ended.passed} passed</b>, <b class="fail">{ended.failed} failed'
            f'</b>, <b class="inconclusive">{ended.inconclusive} not judged</b>'
            + (f", {ended.accepted} accepted" if ended.accepted else "")
            + "</p>"
        )
        parts += [f"<p>{escape(note)}</p>" for note in ended.notes]
        return parts

    def _categories(self) -> list[str]:
        parts = []
        for category in dict.fromkeys(one.category for one in self._checks):
            own = [one for one in self._checks if one.category == category]
            passed = sum(one.verdict == "pass" for one in own)
            parts.append(f"<h3>{escape(category)} ({passed} of {len(own)})</h3>")
            parts += [_check(one) for one in own]
        return parts


def _mark(one: h.CheckEnded) -> str:
    kind = "accepted" if one.accepted else one.verdict
    word = "accepted" if one.accepted else _WORDS[one.verdict]
    return f'<span class="mark {kind}">{word}</span>'


def _failure(one: h.CheckEnded) -> str:
    accepted = f"<p>Accepted: {escape(one.accepted)}</p>" if one.accepted else ""
    return (
        f"<h3>{_mark(one)} {escape(one.check)} · {escape(', '.join(one.rules))}</h3>"
        f"<p>{escape(one.about)}</p>"
        f'<p class="why">{escape(one.why)}</p>{accepted}'
        f"<p>again: <code>{escape(one.replay)}</code></p>"
        f"<details open><summary>{len(one.exchanges)} exchanges</summary>"
        f"{_exchanges(one)}</details>"
    )


def _check(one: h.CheckEnded) -> str:
    clauses = f" · GLI-19 v3.0 (2020) {', '.join(one.clauses)}" if one.clauses else ""
    why = f'<p class="muted">{escape(one.why)}</p>' if one.why else ""
    return (
        f"<details><summary>{_mark(one)} {escape(one.about)} "
        f'<span class="muted">{escape(", ".join(one.rules))}{escape(clauses)} · '
        f"<code>{escape(one.check)}</code> · {one.took_ms} ms</span></summary>"
        f"{why}{_exchanges(one)}</details>"
    )


def _exchanges(one: h.CheckEnded) -> str:
    """Each call and its end; where a request is like the one before, what differs is marked."""
    shown = []
    before = {seen.asked: last for last, seen in pairwise(one.exchanges)}
    for seen in one.exchanges:
        last = before.get(seen.asked)
        asked = _against(last.asked, seen.asked) if last else escape(seen.asked)
        answered = escape(seen.answered or seen.ended)
        shown.append(
            f"<details><summary>{escape(seen.asked.partition(chr(10))[0])} → "
            f"{seen.status or escape(seen.ended.partition(':')[0])} "
            f'<span class="muted">{seen.took_ms} ms</span></summary>'
            f"<pre>{asked}</pre><pre>{answered}</pre><pre>{escape(seen.curl)}</pre></details>"
        )
    return "".join(shown)


def _against(before: str, now: str) -> str:
    """The later text, with what is new marked, where both ask the same path."""
    if before.partition("\n")[0] != now.partition("\n")[0]:
        return escape(now)
    parts = []
    for line in difflib.ndiff(before.splitlines(), now.splitlines()):
        if line.startswith("+ "):
            parts.append(f"<ins>{escape(line[2:])}</ins>")
        elif line.startswith("- "):
            parts.append(f"<del>{escape(line[2:])}</del>")
        elif line.startswith("  "):
            parts.append(escape(line[2:]))
    return "\n".join(parts)


def _rules(checks: list[h.CheckEnded]) -> list[str]:
    """Rule by rule: which checks asked for it, and what came of it."""
    by_rule: dict[str, list[h.CheckEnded]] = {}
    for one in checks:
        for rule in one.rules:
            by_rule.setdefault(rule, []).append(one)
    rows = "".join(
        f"<tr><td>{escape(rule)}</td><td>{_mark(_worst(asked))}</td><td>"
        + ", ".join(f'<code class="{one.verdict}">{escape(one.check)}</code>' for one in asked)
        + "</td></tr>"
        for rule, asked in sorted(by_rule.items())
    )
    head = "<tr><th>rule</th><th></th><th>asked by</th></tr>"
    return [f"<h2>Rule by rule</h2><table>{head}{rows}</table>"]


def _worst(asked: list[h.CheckEnded]) -> h.CheckEnded:
    order = {"fail": 0, "pass": 1, "inconclusive": 2}
    return min(asked, key=lambda one: (order[one.verdict], bool(one.accepted)))


def _blind(checks: list[h.CheckEnded]) -> list[str]:
    blind = [one for one in checks if one.blind]
    if not blind:
        return []
    items = "".join(
        f"<li><code>{escape(one.check)}</code>: {escape(one.blind)}</li>" for one in blind
    )
    return [f"<h2>What these checks cannot see</h2><ul>{items}</ul>"]
