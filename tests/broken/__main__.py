"""`make judge`: every wrong system against the whole suite of its role, as a matrix."""

import sys
from pathlib import Path

from tests.broken.judging import judged
from tests.broken.table import FINE, WRONG

PAGE = Path(__file__).parent.parent.parent / "docs" / "judge.md"

ABOUT = """\
# The judge, judged

Each of these systems has one defect, and the suite of its role has to see it, by the check that is
meant for it; each of the right ones looks different and has to pass. `make judge` plays them all
and writes this page; `tests/certify/test_judge.py` fails when one survives.
"""


def main() -> None:
    survived, alarmed, rows, fine = 0, 0, [], []
    for one in WRONG:
        found, _ = judged(one.make(), one.role)
        killers = [name for name, ended in found.items() if ended.verdict == "fail"]
        killed = one.killed_by in killers
        survived += not killed
        others = len(killers) - killed
        rows.append(
            f"| {one.role} | `{one.name}` | {' '.join(one.defect.split())} | "
            f"{'' if killed else '**survived** '}`{one.killed_by}` | {others} |"
        )
        print(f"{'killed  ' if killed else 'SURVIVED'} {one.role} {one.name}: {one.killed_by}")
    for right in FINE:
        found, ended = judged(
            right.make(),
            right.role,
            profile=getattr(right.make, "profile", {}),
            answers=getattr(right.make, "answers", {}),
        )
        alarms = [name for name, one_ended in found.items() if one_ended.verdict == "fail"]
        alarmed += bool(alarms or ended.could_not)
        fine.append(
            f"| {right.role} | `{right.name}` | {' '.join(right.about.split())} | "
            f"{ended.passed} | {ended.inconclusive} | {', '.join(alarms) or 'none'} |"
        )
        print(f"{'ALARM   ' if alarms else 'passed  '} {right.role} {right.name}")
    wrong = len(WRONG)
    PAGE.write_text(
        f"{ABOUT}\n## Wrong: {wrong} systems, {wrong - survived} killed\n\n"
        "| role | system | what is wrong | killed by | other checks that see it |\n"
        "| --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n\n"
        f"## Right: {len(FINE)} systems\n\n"
        "| role | system | how it is different | passed | not asked | false alarms |\n"
        "| --- | --- | --- | --- | --- | --- |\n" + "\n".join(fine) + "\n",
        "utf-8",
    )
    print(f"{wrong} wrong, {len(FINE)} right; {survived} survived, {alarmed} falsely accused")
    sys.exit(1 if survived or alarmed else 0)


main()
