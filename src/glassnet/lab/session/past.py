"""Looking at an epoch that is past, and going on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.lab.protocol import RefusedError
from glassnet.lab.session import building, comparing
from glassnet.lab.session.timeline import Moment

if TYPE_CHECKING:
    from glassnet.lab.session.state import Session


def look(session: Session, epoch: int) -> None:
    """Show the network as it was at the kept epoch closest to ``epoch``; training pauses."""
    session.engine.pause()
    trainer = session.trainer
    if epoch >= trainer.epoch:
        session.leave()
        return
    if session.looking is None:
        session.looked_from = dict(session.values)
    session.looking = _at(session, epoch)


def branch(session: Session, epoch: int | None = None) -> None:
    """Go on from the moment that is shown, or from an epoch, with the settings as they are now.

    What there was becomes the A of a comparison.  If no setting was changed, the branch makes
    the same numbers again, bit for bit: the weights, the optimizer's memories and the random
    numbers are those of that moment.
    """
    if epoch is not None:
        look(session, epoch)
    moment = session.looking
    if moment is None:
        if session.other is not None or session.trainer.batch:
            raise RefusedError("Choose an epoch of the past first.", "time.choose_first")
        moment = _at(session, session.trainer.epoch)
    session.engine.pause()
    before = session.values if session.looking is None else session.looked_from
    session.looking, session.waiting = None, []
    trunk = comparing.beside(session, before)
    model = building.build(session.values, session.samples, len(session.inputs))
    session.other = trunk
    session.values["compared"] = comparing.pinned(before)
    session.adopt_network(model)
    session.trainer.go_back(moment, trunk.trainer)
    trunk.start = moment.epoch
    now, then = dict(session.trainer_learning), dict(moment.learning)
    trunk.since = {name: moment.epoch for name in now if now[name] != then.get(name)}
    timeline = trunk.trainer.timeline
    assert timeline is not None
    later = [m for m in timeline.moments if m.epoch > moment.epoch]
    trunk.changed = any(m.learning != moment.learning for m in later)
    session.versions["values"] += 1


def _at(session: Session, epoch: int) -> Moment:
    timeline = session.trainer.timeline
    moment = None if timeline is None else timeline.nearest(epoch)
    assert moment is not None  # the first is kept from the beginning
    return moment
