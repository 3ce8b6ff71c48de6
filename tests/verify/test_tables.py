"""Everything in glassnet's tables is verified, and an entry that is not is a failure."""

import dataclasses

import pytest

from glassnet import activations, initializers, losses, optimizers, schedules, verify

TABLES = {
    "activations": activations.ACTIVATIONS,
    "losses": losses.LOSSES,
    "optimizers": optimizers.OPTIMIZERS,
    "schedules": schedules.SCHEDULES,
    "initializers": initializers.INITIALIZERS,
}


@pytest.mark.parametrize("group", TABLES)
def test_every_entry_is_checked_and_right(group):
    report = verify.run(group, peers=[])
    assert report.ok, report.notes()
    checked = {row.subject.split()[0] for row in report.rows}
    assert checked == set(TABLES[group])
    assert all(row.cases > 0 for row in report.rows)


@pytest.mark.parametrize("group", TABLES)
def test_an_entry_more_without_a_formula_fails(group, monkeypatch):
    entry = next(iter(TABLES[group].values()))
    monkeypatch.setitem(TABLES[group], "brand_new", entry)
    report = verify.run(group, peers=[])
    assert not report.ok
    assert [row.subject for row in report.failures] == ["brand_new"]


def test_rows_are_frozen():
    row = verify.run("schedules", peers=[]).rows[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.cases = 0
