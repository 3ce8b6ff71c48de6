"""The program inside the test process."""

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
        """The last line of a refusal."""
        return self(*arguments, code=code).stderr.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def glassnet():
    return Program()
