"""The process of one case: ``python -m ecrm_server.bench.child CASE ENGINE [SERVER]``. Prints one line of JSON."""

from __future__ import annotations

import json
import sys

from ecrm_server.bench.cases import all_cases
from ecrm_server.bench.runner import measure


def main(arguments: list[str]) -> None:
    """Measure the case named first."""
    name, engine, server = arguments
    case = next(case for case in all_cases() if case.name == name)
    sys.stdout.write(json.dumps(measure(case, engine, server)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
