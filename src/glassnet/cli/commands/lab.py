"""``glassnet lab``"""

from __future__ import annotations

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one",
              help="Where to listen on this machine.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address only; open no page.")
@click.option("--link", default="", metavar="LINK", help="Open with the state of a shared link.")
@click.option("--run", "run", metavar="RUN", help="A trained run or model file to look at.")
@click.option("--runs", default="runs", show_default=True, metavar="FOLDER",
              help="Where the page finds saved runs to open.")  # fmt: skip
@click.option("--data-dir", metavar="DIR", help="A folder that has the files of MNIST.")
def lab(
    port: int, no_browser: bool, link: str, run: str | None, runs: str, data_dir: str | None
) -> None:
    """Build a network in the browser, watch it learn, and take one step apart.

    The page is served on this machine only, to whoever has the address that is printed.
    Ctrl-C ends it.
    """
    from pathlib import Path

    if run is not None and not Path(run).exists():
        raise click.BadParameter(f"there is no run or file {run!r}.", param_hint="--run")
    if data_dir is not None and not Path(data_dir).is_dir():
        raise click.BadParameter(f"there is no folder {data_dir!r}.", param_hint="--data-dir")
    if run is not None and Path(run).is_dir():
        from glassnet.runs.folder import RunFolder

        RunFolder.open(run)  # refuses a folder without a run
    from glassnet.lab.app import serve

    def announce(address: str) -> None:
        click.echo(f"The lab is at {address}\nCtrl-C ends it.")

    serve(
        port, browser=not no_browser, link=link, run=run, data_dir=data_dir, runs=runs,
        announce=announce,
    )  # fmt: skip
    click.echo("The lab has ended.", err=True)
