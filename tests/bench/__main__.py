"""`python -m tests.bench`: measure, record, compare."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import report
from tests.bench.machine import describe_machine
from tests.bench.measures import GROUPS, Bench, Measure


def main() -> int:
    """Measure, and return 1 where `--check` finds a ratio that is clearly worse than recorded."""
    options = _parse()
    measures: list[Measure] = []
    with TemporaryDirectory(prefix="newsmt-bench-") as folder:
        for name in options.only or GROUPS:
            own = Path(folder) / name
            own.mkdir()
            print(f"{name} …", flush=True)
            bench = Bench(folder=own, n_rounds=options.rounds, say=_say, is_quick=options.quick)
            for measure in GROUPS[name](bench):
                measures.append(measure)
                print(f"  {report.line(measure)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(report.to_json(measures), ensure_ascii=False, indent=2), encoding="utf-8")
    if options.record:
        report.record(measures, describe_machine(), n_rounds=options.rounds, today=datetime.now(timezone.utc).date())
    worse = report.regressions(measures) if options.check else []
    for line in worse:
        print(f"WORSE {line}")
    return int(bool(worse))


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant takes its turn (default 5)")
    parser.add_argument("--only", action="append", choices=GROUPS, help="measure this group; can be repeated")
    parser.add_argument("--quick", action="store_true", help="few articles, to try the benches themselves")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    parser.add_argument("--record", action="store_true", help="bring docs/benchmarks.md, .svg and .json up to date")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is 10 %% worse than recorded")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
