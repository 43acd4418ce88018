"""Saving files: one, or several together, are there whole or as they were, whatever stops the program."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path, PurePosixPath

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_bytes

JOURNAL, PREFIX = ".saving.json", ".saving-"
PRIVATE = 0o600
_LONGEST = 160


class SavingError(ResearchError):
    """A file cannot be written; the message says which, why, and what is still whole."""


def save_file(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Put a whole file in the place of another; `private` files can be read by their owner only.

    Raises SavingError where it cannot be written; then the file is as it was.
    """
    # The process's number ends the name: by it, what a stopped program left is found (`written_beside` keeps suffixes).
    beside = path.with_name(f"{PREFIX}{path.name}.{os.getpid()}")
    with writing(path, "nothing was changed"):
        try:
            _write(beside, content, PRIVATE if private else _mode(path))
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    with writing(path, "it has its new content, but the disk does not confirm it"):
        sync_folder(path.parent)


@contextmanager
def written_beside(path: Path, *failures: type[Exception]) -> Iterator[Path]:
    """Give a new file beside a target, of the same ending; it takes the target's place at the end, whole.

    Where something fails it is removed, and the target is as it was; what a stopped program left is removed first.
    `failures`: the errors by which a program that writes the file says that it cannot. Raises SavingError.
    """
    part = path.with_name(f"{PREFIX}{path.name}.{os.getpid()}{path.suffix}")
    with writing(path, "nothing was changed", *failures):
        _remove_parts(path)
        try:
            yield part
            _sync(part)
            os.replace(part, path)
        except BaseException:
            _remove_parts(path)
            raise
    with writing(path, "it has its new content, but the disk does not confirm it"):
        sync_folder(path.parent)


def save_files(folder: Path, contents: Mapping[str, str | bytes | None], *, private: bool = True) -> None:
    """Put several files of a folder in the place of others: all of them or none, also after a crash or a power cut.

    `contents`: text or bytes by name, such as `tables/claims.csv`; None removes the file. `private` files can be read
    by their owner only; others keep their rights. Every file is written beside first. Then a journal names them all,
    in one step: from there on the save counts, and what a crash interrupts is finished by `finish_saving`. Only one
    program at a time may save; see `locking.locked`. Raises SavingError where a file cannot be written; then all are
    as they were.
    """
    finish_saving(folder)
    if links := [name for name in contents if (folder / name).is_symlink() or not _is_inside(folder, name)]:
        raise SavingError(f"{folder / links[0]}: it is a link; put the file itself there, nothing was changed")
    if not contents:
        return
    with writing(folder, "nothing was changed"):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for name, content in contents.items():
                if content is not None:
                    _write(_staged(folder, name), content, PRIVATE if private else _mode(folder / name))
            sync_folder(folder)
            _write(_staged(folder, JOURNAL), json.dumps({name: text is not None for name, text in contents.items()}))
            os.replace(_staged(folder, JOURNAL), folder / JOURNAL)
        except BaseException:
            if not (folder / JOURNAL).exists():
                _remove_unsaved(folder)
            raise
    finish_saving(folder)


def finish_saving(folder: Path) -> None:
    """Finish a save that stopped after its journal was written, or remove the rest of one that stopped before.

    Call it under the folder's lock, or where nobody writes. Raises SavingError where the folder cannot be written.
    """
    journal = folder / JOURNAL
    if not journal.exists():
        _remove_unsaved(folder)
        return
    with writing(folder, "what was saved is kept beside, and is put in its place by the next command"):
        names = _names(journal)
        for name, is_kept in names.items():
            _put(_staged(folder, name), folder / name) if is_kept else (folder / name).unlink(missing_ok=True)
        for parent in {(folder / name).parent for name in names} | {folder}:
            sync_folder(parent)
        journal.unlink()
        _remove_unsaved(folder)


def is_unfinished(folder: Path) -> bool:
    """Whether a save was stopped here, or is going on."""
    return (folder / JOURNAL).exists()


def sync_folder(folder: Path) -> None:
    """Make the disk keep what was renamed in a folder; some network disks do not support it."""
    try:
        _sync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode(path: Path) -> int:
    """The rights that a file has, or those of a new one."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666


def _staged(folder: Path, name: str) -> Path:
    """Where a file waits for its save to count: in the folder itself, also where its place is further down."""
    return folder / f"{PREFIX}{name.replace('/', '%2F')}"


def _put(staged: Path, place: Path) -> None:
    """Put a file that waits in its place; where it is there already, an earlier try has done so."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        os.replace(staged, place)


def _remove_parts(path: Path) -> None:
    """Remove what a program that has ended, or this one, has written beside a target."""
    for part in path.parent.glob(f"{escape(PREFIX + path.name)}.*"):
        number = part.name.removeprefix(f"{PREFIX}{path.name}.").partition(".")[0]
        if number.isdecimal() and (int(number) == os.getpid() or not _runs(int(number))):
            part.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether a process runs, or may run: outside of POSIX nobody can be asked without harm."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _write(path: Path, content: str | bytes, mode: int = PRIVATE) -> None:
    try:
        data = content.encode() if isinstance(content, str) else content
    except UnicodeEncodeError as error:
        sign = ord(error.object[error.start])
        raise SavingError(
            f"{path}: U+{sign:04X} cannot be written as UTF-8; take it out, nothing was changed"
        ) from error
    try:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = str(path)
        raise


def _names(journal: Path) -> dict[str, bool]:
    """The names in a journal, and whether each file is kept or removed; one with other names is not ours."""
    try:
        found = json.loads(read_bytes(journal, limit=MB))
        names: dict[str, bool] = dict.fromkeys(found, True) if isinstance(found, list) else dict(found)
    except (ValueError, TypeError, RecursionError):
        names = {}
    if not names or not all(_is_inside(journal.parent, name) for name in names):
        raise SavingError(f"{journal}: this is not a journal of saved files; restore the folder from a backup")
    return names


def _is_inside(folder: Path, name: object) -> bool:
    """Whether a name, such as `tables/claims.csv`, is that of a file in a folder; no link leads out of it."""
    if not isinstance(name, str) or not name.isprintable() or not name or "\\" in name:
        return False
    parts = PurePosixPath(name).parts
    if "/".join(parts) != name or parts[0] == "/" or ".." in parts or ":" in name:
        return False
    return (folder / name).parent.resolve().is_relative_to(folder.resolve())


def _remove_unsaved(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            path.unlink()


def _shortened(reason: str) -> str:
    """A reason that may hold a whole statement of a database: its beginning, and its end, which says why."""
    return reason if len(reason) <= _LONGEST else f"{reason[:40]} … {reason[40 - _LONGEST :]}"


@contextmanager
def writing(place: Path, what_is_whole: str, *failures: type[Exception]) -> Iterator[None]:
    """Raise an error of the disk as SavingError, which names the file, says what is whole, and how to go on.

    `failures`: other errors by which a program says that it cannot write.
    """
    try:
        yield
    except tuple[type[Exception], ...]((OSError, *failures)) as error:
        named, told = getattr(error, "filename", None), getattr(error, "strerror", None)
        reason = told or _shortened(" ".join(map(str, error.args)))
        raise SavingError(
            f"{named or place}: it cannot be written ({reason}); {what_is_whole}. "
            "Free space or check the rights, then try again"
        ) from error
