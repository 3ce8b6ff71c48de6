"""Running the program inside the test process, and runs to ask about."""

import json

import pytest
from click.testing import CliRunner

from glassnet.cli.root import root


class Program:
    """``glassnet …`` without a process of its own."""

    def __call__(self, *arguments, code=0):
        result = CliRunner().invoke(root, [str(a) for a in arguments])
        assert "Traceback" not in result.output
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments):
        """The one JSON object that comes on standard output."""
        return json.loads(self(*arguments, "--json").stdout)

    def error(self, *arguments, code=2):
        """The message of a refusal: one line that begins with Error."""
        result = self(*arguments, code=code)
        assert result.stdout == ""
        last = result.stderr.strip().splitlines()[-1]
        assert last.startswith("Error: ")
        return last


@pytest.fixture(scope="session")
def glassnet():
    return Program()


@pytest.fixture(scope="session")
def runs(tmp_path_factory, glassnet):
    """Short runs that are read and never changed."""
    folder = tmp_path_factory.mktemp("runs")
    for name, epochs in {"digits": 12, "blobs": 10, "sine": 5, "diabetes": 5}.items():
        glassnet("train", name, "--epochs", epochs, "--out", folder / name, "--no-plots", "--quiet")
    rows = ["length,colour,kind"]
    rows += [f"{i / 10},{'red' if i % 3 else 'blue'},{'big' if i > 20 else 'small'}"
             for i in range(60)]  # fmt: skip
    (folder / "things.csv").write_text("\n".join(rows) + "\n")
    glassnet("train", folder / "things.csv", "--target", "kind", "--out", folder / "things",
             "--epochs", 20, "--no-plots", "--quiet")  # fmt: skip
    return folder
