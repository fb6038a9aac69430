"""A run as one HTML file that needs no network: verdicts, every exchange with its faults marked,
balances before and after, a latency curve, what chaos has struck."""

from html import escape
from pathlib import Path

from simulator.reports.outputs import begin_page, write_page
from simulator.reports.runs import happenings as h

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
body{color:#1b1f24}h1{font-size:1.5rem}
h2{font-size:1.15rem;margin-top:2.2rem;border-top:1px solid #d5d9de;padding-top:1rem}
table{border-collapse:collapse;margin:.6rem 0;width:100%}
th,td{text-align:left;padding:.2rem .6rem .2rem 0;vertical-align:top}
th,td{border-bottom:1px solid #eceef1}
.pass{color:#1a7f37}.fail{color:#c1121f}.could_not_run{color:#9a6700}
.struck{background:#fff3d6}.inside td{color:#667}code,pre{font:12px ui-monospace,monospace}
pre{white-space:pre-wrap;word-break:break-all;background:#f6f8fa;padding:.5rem;margin:.2rem 0}
.tag{background:#9a6700;color:#fff;border-radius:3px;padding:0 .3rem;margin-right:.3rem}
summary{cursor:pointer}ul{margin:.3rem 0}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#e4e7ea}pre{background:#20252a}
th,td{border-color:#2b3036}h2{border-color:#3a4047}.struck{background:#3b3115}
.inside td{color:#99a}}
"""


class Html:
    """Writes the report when the run is over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: list[h.ScenarioStarted] = []
        self._ended: list[h.ScenarioEnded] = []
        self._smaller: list[h.Shrunk] = []
        self._run = ""
        begin_page(path, "playmoney run")

    def take(self, happening: object) -> None:
        """Keep what is to be shown."""
        match happening:
            case h.RunStarted():
                self._run = f"run {happening.run}, playmoney {happening.playmoney}"
            case h.ScenarioStarted():
                self._started.append(happening)
            case h.ScenarioEnded():
                self._ended.append(happening)
            case h.Shrunk():
                self._smaller.append(happening)
            case _:
                pass

    def close(self) -> None:
        """Write the file."""
        bad = sum(one.verdict != "pass" for one in self._ended)
        verdict = "fail" if bad or not self._ended else "pass"
        parts = [
            f'<h1>playmoney run: <span class="{verdict}">{verdict}</span></h1>',
            f"<p>{len(self._ended)} played, {bad} not passed; {escape(self._run)}</p>",
            _contents(self._ended),
        ]
        for at, (started, ended) in enumerate(zip(self._started, self._ended, strict=False)):
            parts += _scenario(at, started, ended)
        if self._smaller:
            parts.append("<h2>Made smaller</h2><ul>")
            parts += [
                f"<li><code>{escape(one.file)}</code>: {one.steps[0]} → {one.steps[1]} steps, "
                f"{one.rules[0]} → {one.rules[1]} rules, {one.tries} tries</li>"
                for one in self._smaller
            ]
            parts.append("</ul>")
        write_page(self._path, f"playmoney run: {verdict}", _STYLE, parts)


def _contents(ended: list[h.ScenarioEnded]) -> str:
    rows = [
        f'<tr><td class="{one.verdict}">{one.verdict.replace("_", " ")}</td>'
        f'<td><a href="#s{at}">{escape(one.scenario)}</a></td>'
        f"<td>{one.seed}</td><td>{one.took_ms} ms</td></tr>"
        for at, one in enumerate(ended)
    ]
    head = "<tr><th>verdict</th><th>scenario</th><th>seed</th><th>took</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _scenario(at: int, started: h.ScenarioStarted, one: h.ScenarioEnded) -> list[str]:
    verdict = one.verdict.replace("_", " ")
    parts = [
        f'<h2 id="s{at}"><span class="{one.verdict}">{verdict}</span> {escape(one.scenario)}</h2>',
        f"<p>{escape(started.why)}<br>{escape(', '.join(started.rules))}</p>",
        f"<p>again: <code>{escape(one.replay)}</code></p>",
    ]
    if one.failures:
        items = "".join(f"<li>{escape(text)}</li>" for text in one.failures)
        parts.append(f'<ul class="fail">{items}</ul>')
    if one.funds:
        rows = "".join(
            f"<tr><td>{escape(row.player)}</td><td>{escape(row.before)}</td>"
            f"<td>{escape(row.after)}</td></tr>"
            for row in one.funds
        )
        parts.append(f"<table><tr><th>player</th><th>before</th><th>after</th></tr>{rows}</table>")
    if one.struck:
        parts.append(_coverage(one.struck))
    if one.levels is not None:
        parts.append(_levels(one.levels))
    if one.exchanges:
        parts.append(_timeline(one.exchanges))
    if one.journal:
        parts.append(f"<p>journal sha256 <code>{one.journal}</code></p>")
    return parts


def _coverage(struck: list[h.Struck]) -> str:
    rows = "".join(
        f"<tr{' class=fail' if not row.fired else ''}><td>{escape(row.operation)}</td>"
        f"<td>{escape(row.fault)}</td><td>{'any' if row.attempt is None else row.attempt}</td>"
        f"<td>{row.fired or 'never'}</td></tr>"
        for row in struck
    )
    head = "<tr><th>operation</th><th>fault</th><th>attempt</th><th>struck</th></tr>"
    return f"<details open><summary>chaos coverage</summary><table>{head}{rows}</table></details>"


def _levels(levels: h.Levels) -> str:
    """Percentiles, and their curve: the higher the percentile, the more room it has."""
    width, height, top = 620, 160, max(1, levels.max_us)
    step = width // max(1, len(levels.plot) - 1)
    points = " ".join(
        f"{n * step},{height - value * height // top}" for n, (_, value) in enumerate(levels.plot)
    )
    names = "".join(
        f'<text x="{n * step}" y="{height + 14}" font-size="10" fill="currentColor">'
        f"{point / 1000:g}</text>"
        for n, (point, _) in enumerate(levels.plot)
    )
    errors = ", ".join(f"{count} × {name}" for name, count in levels.errors.items()) or "none"
    return (
        f"<p>{levels.calls} calls; p50 {_ms(levels.p50_us)}, p95 {_ms(levels.p95_us)}, "
        f"p99 {_ms(levels.p99_us)}, p99.9 {_ms(levels.p99_9_us)}, max {_ms(levels.max_us)}; "
        f"errors: {escape(errors)}</p>"
        f'<svg viewBox="-4 -6 {width + 40} {height + 26}" width="{width}" role="img" '
        f'aria-label="latency by percentile"><polyline points="{points}" fill="none" '
        f'stroke="#2f6fdb" stroke-width="2"/><line x1="0" y1="{height}" x2="{width}" '
        f'y2="{height}" stroke="currentColor" opacity=".3"/>{names}</svg>'
    )


def _timeline(exchanges: list[h.Shown]) -> str:
    rows = []
    for one in exchanges:
        kinds = ["struck"] if one.injected else []
        kinds += ["inside"] if one.direction == "inside" else []
        tags = "".join(
            f'<span class="tag">{escape(text.partition(";")[0])}</span>' for text in one.injected
        )
        rows.append(
            f'<tr class="{" ".join(kinds)}"><td>{one.exchange}</td><td>{one.at_ms} ms</td>'
            f"<td>{escape(one.direction)}</td><td><details><summary>{tags}"
            f"{escape(one.party)}.{escape(one.operation)}</summary>"
            f"<pre>{escape(one.asked) or '(no body)'}</pre>"
            f"<pre>{escape(one.answered) or '(no answer)'}</pre></details></td>"
            f"<td>{one.status or '—'}</td><td><code>{escape(one.key)}</code></td></tr>"
        )
    head = "<tr><th>#</th><th>at</th><th></th><th>call</th><th>status</th><th>key</th></tr>"
    return (
        f"<details><summary>{len(exchanges)} exchanges</summary>"
        f"<table>{head}{''.join(rows)}</table></details>"
    )


def _ms(took_us: int) -> str:
    return f"{took_us / 1000:.1f} ms"
