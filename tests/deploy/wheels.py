"""The packages of this environment as wheels again, so that pip resolves and installs without the network."""

import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

OWN = "telemetry-tasks"


def write_wheels(folder: Path) -> None:
    """A wheel in ``folder`` for each distribution but our own. What lies outside of site-packages is left out."""
    for each in distributions():
        if each.name.lower().replace("_", "-") != OWN and each.read_text("WHEEL"):
            write_wheel(each, folder)


def write_wheel(package: Distribution, folder: Path) -> None:
    """The wheel that the distribution was installed from, as far as it is in site-packages."""
    lines = (package.read_text("WHEEL") or "").splitlines()
    tags = zip(*(line.removeprefix("Tag: ").split("-") for line in lines if line.startswith("Tag: ")), strict=True)
    tag = "-".join(".".join(sorted(set(part))) for part in tags)
    name = package.metadata["Name"].replace("-", "_").replace(".", "_")
    with zipfile.ZipFile(folder / f"{name}-{package.version}-{tag}.whl", "w") as archive:
        for path in package.files or ():
            place = Path(str(package.locate_file(path)))
            if not str(path).startswith(("..", "/")) and place.suffix != ".pyc" and place.is_file():
                archive.write(place, str(path))
