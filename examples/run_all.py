"""Runs every example, one after the other: python examples/run_all.py --out pictures

The notebooks run, too, where nbclient is installed (pip install "glassnet[test]").
"""

import importlib.util
import runpy
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
GROUPS = ("sklearn", "scratch", "nnfs")
PROGRAMS = [path for group in GROUPS for path in sorted(HERE.glob(f"{group}_*.py"))]
NOTEBOOKS = sorted(HERE.glob("*.ipynb"))


def run_notebook(path: Path) -> None:
    """Execute every cell; an error in one is an error here."""
    import nbclient
    import nbformat

    print(f"Notebook {path.name}")
    nbclient.NotebookClient(nbformat.read(path, 4), timeout=240, kernel_name="python3").execute()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    options = sys.argv[1:]
    with_notebooks = all(importlib.util.find_spec(n) for n in ("nbclient", "ipykernel"))
    for path in [*PROGRAMS, *(NOTEBOOKS if with_notebooks else [])]:
        start = time.perf_counter()
        if path.suffix == ".py":
            sys.argv = [str(path), *options]
            runpy.run_path(str(path), run_name="__main__")
        else:
            run_notebook(path)
        print(f"  {path.name}: {time.perf_counter() - start:.1f} s\n", flush=True)
