"""A GTFS feed's files as bytes: from a zip, also with its files in one folder inside, or from a folder."""

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rookery.partners.port import Fault, FileFaults

NEEDED = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")
DATES = ("calendar.txt", "calendar_dates.txt")  # at least one of them
READ = (*NEEDED, *DATES, "transfers.txt", "frequencies.txt", "feed_info.txt")
MARK = "stop_times.txt"  # the folder that holds it is the feed's

FILE_BYTES_MAX = 1 << 30  # the largest published feeds unpack stop_times.txt to a little less
FEED_BYTES_MAX = 3 << 29
RATIO_MAX = 200  # timetables shrink to a tenth, at best to a fiftieth; a bomb to a thousandth


@dataclass(frozen=True, slots=True)
class Limits:
    """Most bytes of one unpacked file and of all together, and how many times smaller the zip may be."""

    file_bytes: int = FILE_BYTES_MAX
    feed_bytes: int = FEED_BYTES_MAX
    ratio: int = RATIO_MAX


def read_files(path: Path, limits: Limits) -> dict[str, bytes]:
    """The files that Rookery reads, by name without their folder.

    Raises  FileFaults: no zip and no folder, a broken zip, files that are missing or too large
    """
    if not path.exists():
        raise FileFaults([Fault(str(path), 0, "", "a GTFS feed", "no such file", "check the path")])
    try:
        files = _from_folder(path, limits) if path.is_dir() else _from_zip(path, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        todo = "fetch the feed again, unpack it with another program, and give the folder"
        raise FileFaults([Fault(str(path), 0, "", "a whole zip without a password", str(fault), todo)]) from None
    faults = [_missing(name) for name in NEEDED if name not in files]
    if not any(name in files for name in DATES):
        faults.append(_missing(" or ".join(DATES)))
    if faults:
        raise FileFaults(faults)
    return files


def _missing(name: str) -> Fault:
    return Fault(name, 0, "", "this file", "a feed without it", "add it: without it no timetable can be made")


def _from_folder(path: Path, limits: Limits) -> dict[str, bytes]:
    present = {name: path / name for name in READ if (path / name).is_file()}
    _check_sizes({name: file.stat().st_size for name, file in present.items()}, limits)
    return {name: file.read_bytes() for name, file in present.items()}


def _from_zip(path: Path, limits: Limits) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        folder = _folder_of(archive.namelist(), path)
        members = {name: folder / name for name in READ}
        present = {name: str(at) for name, at in members.items() if str(at) in archive.NameToInfo}
        infos = {name: archive.getinfo(at) for name, at in present.items()}
        _check_sizes({name: info.file_size for name, info in infos.items()}, limits)
        for name, info in infos.items():
            if info.file_size > 1 << 20 and info.file_size > limits.ratio * info.compress_size:
                found = f"{info.file_size} bytes packed into {info.compress_size}"
                raise FileFaults([_too_large(name, f"a file at most {limits.ratio} times its packed size", found)])
        # A zip may lie about its sizes: `read` stops at the size that it states, and then the checksum does not hold.
        return {name: archive.read(info) for name, info in infos.items()}


def _folder_of(names: Iterable[str], path: Path) -> PurePosixPath:
    """The folder inside a zip that holds the feed; what some packers leave beside it is passed by."""
    found = {at.parent for name in names if (at := PurePosixPath(name)).name == MARK and "__MACOSX" not in at.parts}
    if len(found) != 1:
        wanted = f"one folder with {MARK}"
        told = ", ".join(sorted(map(str, found))) or "none"
        raise FileFaults([Fault(str(path), 0, "", wanted, told, "pack the files of one feed, and nothing around them")])
    return found.pop()


def _check_sizes(sizes: dict[str, int], limits: Limits) -> None:
    faults = [
        _too_large(name, f"at most {limits.file_bytes} bytes unpacked", f"{size}")
        for name, size in sizes.items()
        if size > limits.file_bytes
    ]
    if not faults and sum(sizes.values()) > limits.feed_bytes:
        faults = [_too_large("the feed", f"at most {limits.feed_bytes} bytes unpacked", f"{sum(sizes.values())}")]
    if faults:
        raise FileFaults(faults)


def _too_large(name: str, wanted: str, found: str) -> Fault:
    return Fault(name, 0, "", wanted, found, "cut the feed to the lines that you need")
