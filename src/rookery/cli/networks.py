"""Networks: check and show a folder."""

from cyclopts import App

from rookery.cli.edge import app, open_network

network_app = App(name="network", help="Check and show a network folder.")
app.command(network_app)


@network_app.command
def check(folder: str) -> None:
    """Check a network folder and report every fault at once.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    network = open_network(folder)
    about = network.about
    rows = sum(len(getattr(network, name)) for name in network.__struct_fields__ if name != "snapshot")
    print(f"{about.network_id} {about.version}: {rows} rows, no faults, snapshot {network.snapshot[:12]}")


@network_app.command
def show(folder: str) -> None:
    """Print a summary of a network folder.

    Args:
        folder: The network folder, or the name of a built-in network.
    """
    from rookery.partners.folder.summary import summary_lines

    print("\n".join(summary_lines(open_network(folder))))
