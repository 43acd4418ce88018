"""Saving files: one, or several together, are there whole or as they were, whatever stops the program."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_bytes

JOURNAL, PREFIX = ".saving.json", ".saving-"
PRIVATE = 0o600


class SavingError(ResearchError):
    """A file cannot be written; the message says which, why, and what is still whole."""


def save_file(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Put a whole file in the place of another; `private` files can be read by their owner only.

    Raises SavingError where it cannot be written; then the file is as it was.
    """
    beside = path.with_name(f"{PREFIX}{path.name}.{os.getpid()}")
    with writing(path, "nothing was changed"):
        mode = PRIVATE if private else path.stat().st_mode & 0o777 if path.exists() else 0o666
        try:
            _write(beside, content, mode)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    with writing(path, "it has its new content, but the disk does not confirm it"):
        sync_folder(path.parent)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a new file beside a target; it takes the target's place at the end, and is removed where something fails."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def save_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Put several files of a folder in the place of others: all of them or none, also after a crash or a power cut.

    Every file is written beside first, readable by its owner only. Then a journal names them all, in one step: from
    there on the save counts, and what a crash interrupts is finished by `finish_saving`. Only one program at a time may
    save; see `locking.locked`. Raises SavingError where a file cannot be written; then all files are as they were.
    """
    finish_saving(folder)
    if links := [name for name in contents if (folder / name).is_symlink()]:
        raise SavingError(f"{folder / links[0]}: it is a link; put the file itself there, nothing was changed")
    with writing(folder, "nothing was changed"):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for name, text in contents.items():
                _write(folder / f"{PREFIX}{name}", text)
            sync_folder(folder)
            _write(folder / f"{PREFIX}{JOURNAL}", json.dumps(sorted(contents)))
            os.replace(folder / f"{PREFIX}{JOURNAL}", folder / JOURNAL)
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
        for name in _names(journal):
            with suppress(FileNotFoundError):
                os.replace(folder / f"{PREFIX}{name}", folder / name)
        sync_folder(folder)
        journal.unlink()
        _remove_unsaved(folder)


def is_unfinished(folder: Path) -> bool:
    """Whether a save was stopped here, or is going on."""
    return (folder / JOURNAL).exists()


def sync_folder(folder: Path) -> None:
    """Make the disk keep what was renamed in a folder; some network disks do not support it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


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


def _names(journal: Path) -> list[str]:
    """The names in a journal; one with other names is not ours."""
    try:
        names: list[str] = json.loads(read_bytes(journal, limit=MB))
        sound = isinstance(names, list) and all(map(_is_plain, names))
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        raise SavingError(f"{journal}: this is not a journal of saved files; restore the folder from a backup")
    return names


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and name not in ("", "..") and Path(name).name == name


def _remove_unsaved(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            path.unlink()


@contextmanager
def writing(place: Path, what_is_whole: str) -> Iterator[None]:
    """Raise an error of the disk as SavingError, which names the file, says what is whole, and how to go on."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or " ".join(map(str, error.args))
        raise SavingError(
            f"{error.filename or place}: it cannot be written ({reason}); {what_is_whole}. "
            "Free space or check the rights, then try again"
        ) from error
