"""All benchmarks, one after the other, then all their rows in one table, those that do not hold marked."""

import subprocess
import sys

from bench.table import OUT, PYTHON, ROOT, Row, machine, machine_text, read_rows, table_lines

NAMES = ("run", "start", "source", "backbone", "eta", "network", "share", "hub")


def main() -> None:
    """Run each in a process of its own; exit status 1 if one of them breaks."""
    about = machine()
    broken = []
    rows: list[Row] = []
    for name in NAMES:
        (OUT / f"{name}.json").unlink(missing_ok=True)
        if subprocess.run((PYTHON, "-m", f"bench.{name}"), cwd=ROOT, check=False).returncode:
            broken.append(name)
        else:
            rows += read_rows(name)
    print(f"\nAll benchmarks\n{machine_text(about)}\n")
    print("\n".join(table_lines(rows)))
    missed = [row.name for row in rows if row.holds is False]
    wanted = sum(row.holds is not None for row in rows)
    print(f"\n{wanted - len(missed)} of {wanted} targets hold")
    for name in missed:
        print(f"does NOT hold: {name}")
    if broken:
        print(f"broke: {', '.join(broken)}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
