"""A graded assignment on mapping a network's representations: its build, its checks, its grader."""

import sys

# jsonschema, which nbformat imports, takes up this checker of internationalised addresses where it is installed: three
# seconds to import, and no notebook has such an address to check. Its absence is foreseen there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
