"""`python -m tools.cost` prints the bills and what would change them; `--write` renews docs/cost.md and its chart."""

import argparse
import sys
from collections.abc import Sequence

from tools.cost.document import bills, cases, levers, limits, made, money
from tools.cost.inputs import PriceError
from tools.cost.model import bill
from tools.cost.sizes import ROOT, SizeError


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.cost", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/cost.md and docs/images/cost.svg")
    parser.add_argument("--lines", action="store_true", help="print every line of each bill")
    options = parser.parse_args(arguments)
    try:
        found = cases()
        if options.write:
            for path, content in made(found).items():
                path.parent.mkdir(exist_ok=True)
                path.write_text(content)
                print(path.relative_to(ROOT))
            return 0
        print(bills(found), levers(found), limits(found), sep="\n\n")
    except (PriceError, SizeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for case in found if options.lines else ():
        print(f"\n{case.scenario.title}")
        for line in bill(case):
            print(f"  {line.group:<22}{line.name:<28}{money(line.usd):>10}{'  grows with uploads' * line.grows}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
