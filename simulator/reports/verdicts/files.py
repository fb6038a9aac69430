"""A suite for machines: JUnit for CI, JSON for scripts, Markdown for a job's summary."""

import xml.etree.ElementTree as ET

from simulator.reports.outputs import clean, seconds, write_json, write_junit
from simulator.reports.verdicts import happenings as h
from simulator.reports.verdicts.kept import Kept


class Junit(Kept):
    """JUnit's XML: a suite for each category, a case for each rule and check."""

    def close(self) -> None:
        """Write the file."""
        root = ET.Element("testsuites", name=self._title)
        for category in dict.fromkeys(one.category for one in self._checks):
            checks = [one for one in self._checks if one.category == category]
            root.append(self._suite(category, checks))
        if self._ended is not None and self._ended.could_not:
            suite = ET.SubElement(root, "testsuite", name="target", tests="1", errors="1")
            case = ET.SubElement(suite, "testcase", classname="target", name="can be judged")
            ET.SubElement(case, "error", message=clean(self._ended.could_not))
        write_junit(self._path, root)

    def _suite(self, category: str, checks: list[h.CheckEnded]) -> ET.Element:
        cases = [(one, rule) for one in checks for rule in one.rules]
        failed = sum(one.verdict == "fail" and not one.accepted for one, _ in cases)
        skipped = sum(one.verdict == "inconclusive" or bool(one.accepted) for one, _ in cases)
        suite = ET.Element(
            "testsuite",
            name=category,
            tests=str(len(cases)),
            failures=str(failed),
            skipped=str(skipped),
            time=seconds(sum(one.took_ms for one in checks)),
        )
        if self._started is not None:
            about = ET.SubElement(suite, "properties")
            for name in ("target", "profile", "suite", "seed", "run", "playmoney"):
                value = str(getattr(self._started, name))
                ET.SubElement(about, "property", name=name, value=value)
        for one, rule in cases:
            self._case(suite, one, rule)
        return suite

    def _case(self, suite: ET.Element, one: h.CheckEnded, rule: str) -> None:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{rule}",
            name=f"{one.check}: {one.about}",
            time=seconds(one.took_ms if rule == one.rules[0] else 0),
        )
        if one.verdict == "fail" and not one.accepted:
            part = ET.SubElement(case, "failure", message=clean(one.why))
            part.text = clean(f"{one.why}\nagain: {one.replay}\n\n{evidence(one)}")
        elif one.verdict != "pass":
            why = f"accepted: {one.accepted}: {one.why}" if one.accepted else one.why
            ET.SubElement(case, "skipped", message=clean(why))


class Json(Kept):
    """One JSON document: the suite, every check with its evidence, the counts."""

    def close(self) -> None:
        """Write the file."""
        told = {"suite": self._started, "checks": self._checks, "ended": self._ended}
        write_json(self._path, told)


class Markdown(Kept):
    """A job's summary: the counts, what failed and why, what was not judged."""

    def close(self) -> None:
        """Write the file."""
        lines: list[str] = []
        if self._started is not None:
            one = self._started
            lines += [
                f"## {one.title}",
                "",
                (
                    f"{one.target} · suite {one.suite} · profile {one.profile} · seed {one.seed} · "
                    f"run {one.run}"
                ),
                "",
            ]
        if self._ended is not None:
            lines += [_counts(self._ended), ""]
        failed = [one for one in self._checks if one.verdict == "fail"]
        if failed:
            lines += ["| rule | check | what was wrong |", "| --- | --- | --- |"]
            lines += [
                f"| {', '.join(one.rules)} | `{one.check}`{' (accepted)' if one.accepted else ''} "
                f"| {_cell(one.accepted or one.why)} |"
                for one in failed
            ]
            lines += ["", "```sh", *(one.replay for one in failed if not one.accepted), "```", ""]
        unclear = [one for one in self._checks if one.verdict == "inconclusive"]
        if unclear:
            lines += ["<details><summary>Not judged</summary>", ""]
            lines += [f"- `{one.check}`: {_cell(one.why)}" for one in unclear]
            lines += ["", "</details>", ""]
        self._path.write_text("\n".join(lines), "utf-8")


def evidence(one: h.CheckEnded) -> str:
    """The exchanges of a check as text."""
    return "\n\n".join(f"> {seen.asked}\n< {seen.answered or seen.ended}" for seen in one.exchanges)


def _counts(ended: h.SuiteEnded) -> str:
    if ended.could_not:
        return f"**Could not judge**: {_cell(ended.could_not)}"
    word = "FAIL" if ended.failed else "PASS"
    accepted = f", {ended.accepted} accepted" if ended.accepted else ""
    return (
        f"**{word}**: {ended.passed} passed, {ended.failed} failed, "
        f"{ended.inconclusive} inconclusive{accepted}"
    )


def _cell(text: str) -> str:
    """In one line, and no more than a cell holds."""
    flat = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return flat if len(flat) <= 500 else f"{flat[:500]} …"
