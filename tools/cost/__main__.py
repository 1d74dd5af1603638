"""`make cost`: refreshes sizes.json from Terraform's plans, writes docs/cost.md, prints each line of the bills."""

import sys

from tools.cost.bill import PriceError, bill, cases
from tools.cost.document import DOCUMENT, document, money
from tools.cost.sizes import ROOT, SizeError, refresh


def main() -> int:
    """Returns the exit code."""
    try:
        for environment, refreshed in refresh().items():
            if not refreshed:
                print(f"{environment}: no Terraform plan here, sizes.json stays (`make infra` plans)", file=sys.stderr)
        found = cases()
        DOCUMENT.write_text(document(found), encoding="utf-8")
    except (PriceError, SizeError) as error:
        print(error, file=sys.stderr)
        return 1
    for case in found:
        print(f"\n{case.scenario['title']}")
        for line in bill(case):
            print(f"  {line.group:<22}{line.name:<28}{money(line.usd):>10}{'  per upload' * line.per_upload}")
    print(f"\nWritten: {DOCUMENT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
