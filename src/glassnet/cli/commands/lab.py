"""``glassnet lab``"""

from __future__ import annotations

import click

from glassnet.cli.language import tr


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one",
              help="Where to listen on this machine.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address only; open no page.")
@click.option("--link", default="", metavar="LINK", help="Open with the state of a shared link.")
@click.option(
    "--lesson",
    metavar="LESSON",
    help="A lesson beside its room: by its name, or a Markdown file of yours.",
)
@click.option("--run", "run", metavar="RUN", help="A trained run or model file to look at.")
@click.option("--runs", default="runs", show_default=True, metavar="FOLDER",
              help="Where the page finds saved runs to open.")  # fmt: skip
@click.option("--data-dir", metavar="DIR", help="A folder that has the files of MNIST.")
@click.option(
    "--class",
    "for_class",
    is_flag=True,
    help="For a class: its pages come in by a code, the teacher has a wall of them.",
)
@click.option("--pages", type=click.IntRange(1, 60), default=30, show_default=True,
              help="How many pages a class may have.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="Where to listen: an address of this machine in the school's network; "
              "0.0.0.0 in a container.")  # fmt: skip
@click.option("--allow-origin", "origins", multiple=True, metavar="ORIGIN",
              help="A name by which a proxy shows the lab, as https://hub.school.kr.")  # fmt: skip
@click.option("--base-path", default="", metavar="PATH",
              help="What a proxy puts before every path, as /user/kim/proxy/8123.")  # fmt: skip
def lab(
    port: int,
    no_browser: bool,
    link: str,
    lesson: str | None,
    run: str | None,
    runs: str,
    data_dir: str | None,
    for_class: bool,
    pages: int,
    host: str,
    origins: tuple[str, ...],
    base_path: str,
) -> None:
    """Build a network in the browser, watch it learn, and take one step apart.

    The page is served on this machine only, to whoever has the address that is printed.
    Ctrl-C ends it.
    """
    from pathlib import Path

    if run is not None and not Path(run).exists():
        raise click.BadParameter(
            tr("there is no run or file {run!r}.", run=run), param_hint="--run"
        )
    if data_dir is not None and not Path(data_dir).is_dir():
        raise click.BadParameter(
            tr("there is no folder {folder!r}.", folder=data_dir), param_hint="--data-dir"
        )
    asked = click.get_current_context().get_parameter_source("runs")
    if asked is click.core.ParameterSource.COMMANDLINE and not Path(runs).is_dir():
        raise click.BadParameter(
            tr("there is no folder {folder!r}.", folder=runs), param_hint="--runs"
        )
    if link:
        _understood(link)
    if run is not None and Path(run).is_dir():
        from glassnet.runs.folder import RunFolder

        RunFolder.open(run)  # refuses a folder without a run
    if lesson is not None:
        if link:
            raise click.UsageError(
                tr("--lesson and --link both say what to open: take one of them.")
            )
        link = _lesson(lesson)
    from glassnet.lab.app import serve

    def announce(address: str, *rooms: str) -> None:
        if rooms:
            click.echo(_class_at(address, rooms))
            return
        click.echo(tr("The lab is at {address}\nCtrl-C ends it.", address=address))

    serve(
        port, browser=not no_browser, link=link, run=run, data_dir=data_dir, runs=runs,
        announce=announce, host=host, origins=origins, base_path=base_path,
        class_of=pages if for_class else 0,
    )  # fmt: skip
    click.echo(tr("The lab has ended."), err=True)


def _understood(link: str) -> None:
    """Refuse what is no link at all; what one has that is not known is said in the page."""
    from glassnet.lab.fields import from_address, of_link

    state = of_link(link)
    if state and "lesson=" not in state and not from_address(state)[0]:
        raise click.BadParameter(
            tr("{link!r} is no link of the lab, such as data=moons&layers=4.tanh.", link=link[:80]),
            param_hint="--link",
        )


def _class_at(wall: str, rooms: tuple[str, ...]) -> str:
    """Where the teacher's wall is, where the pages come in, and what lets in the network."""
    from glassnet.lab.address import EVERYWHERE, HOST, names_of

    said = tr(
        "The wall of your class, on this machine only: {address}\n"
        "The class comes in at {rooms} with the code on the wall.\nCtrl-C ends it.",
        address=wall, rooms=", ".join(rooms),
    )  # fmt: skip
    if HOST not in rooms[0]:
        return said
    others = ", ".join(name for name in names_of(EVERYWHERE) if name != HOST) or EVERYWHERE
    return said + "\n" + tr(
        "Only this machine is let in. For the class give an address of it: --host {others}",
        others=others,
    )  # fmt: skip


def _lesson(asked: str) -> str:
    """The link to a lesson, by its name or in a file."""
    from pathlib import Path

    from glassnet.lab.lessons import catalog

    if asked.lower().endswith(".md") or Path(asked).is_file():
        return f"lesson={catalog.add(asked).name}"
    name, _, step = asked.partition("/")
    return f"lesson={catalog.find(name).name}" + f"/{step}" * step.isdecimal()
