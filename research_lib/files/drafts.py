"""Changing or making a whole folder: in a draft first, of which all takes its place at once, or nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from research_lib.errors import ResearchError
from research_lib.files.locking import LOCK_FILE, locked
from research_lib.files.saving import PREFIX, finish_saving, is_unfinished, save_files, sync_folder, writing

_DRAFTS: set[Path] = set()


@contextmanager
def changing(folder: Path) -> Iterator[Path]:
    """Give a draft of a folder to read and write; at the end all that differs in it is saved, or nothing.

    The folder is locked meanwhile. The files of the draft are links until they are written, each as a whole.
    Hidden files are left out. A draft of a draft is the draft itself. Raises LockedError, SavingError.
    """
    if folder in _DRAFTS:
        yield folder
        return
    with locked(folder), ExitStack() as removed_at_the_end:
        finish_saving(folder)
        with writing(folder, "nothing was changed"):
            place = removed_at_the_end.enter_context(TemporaryDirectory(prefix="draft-", ignore_cleanup_errors=True))
        draft = Path(place).resolve() / folder.resolve().name
        with _named(draft, folder):
            with writing(folder, "nothing was changed"):
                _mirror(folder.resolve(), draft)
            linked = {path for path in draft.rglob("*") if path.is_symlink()}
            yield draft
            save_files(folder, _changes(draft, linked, folder), private=False)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a draft of a new folder, which takes its place at the end, whole; what a stopped one left is removed.

    Raises LockedError, SavingError.
    """
    beside = path.with_name(f"{PREFIX}new-{path.name}")
    with writing(path, "nothing was written"), locked(beside):
        for left in beside.iterdir():
            if left.name != LOCK_FILE:
                shutil.rmtree(left)
        try:
            (draft := beside / path.name).mkdir()
            with _named(draft, path):
                yield draft
                draft.rename(path)
                sync_folder(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def finish_unfinished(folder: Path) -> None:
    """Finish, before a folder is read, what a stopped command has saved there; raises LockedError, SavingError."""
    if is_unfinished(folder):
        with locked(folder):
            finish_saving(folder)


def _mirror(folder: Path, draft: Path, within: frozenset[Path] = frozenset()) -> None:
    """Make the folders of a folder anew, with links to its files; a link that leads back to a folder stays a link."""
    draft.mkdir()
    for path in (path for path in folder.iterdir() if not path.name.startswith(".")):
        if path.is_dir() and path.resolve() not in within:
            _mirror(path, draft / path.name, within | {path.resolve()})
        else:
            (draft / path.name).symlink_to(path)


@contextmanager
def _named(draft: Path, folder: Path) -> Iterator[None]:
    """Let errors name the folder that people know, not its draft."""
    _DRAFTS.add(draft)
    try:
        yield
    except ResearchError as error:
        error.args = tuple(str(each).replace(str(draft), str(folder)) for each in error.args)
        raise
    finally:
        _DRAFTS.discard(draft)


def _changes(draft: Path, linked: set[Path], folder: Path) -> dict[str, bytes | None]:
    """The files that a draft has anew, and None for those that it no longer has."""
    written = [path for path in draft.rglob("*") if path.is_file() and not path.is_symlink()]
    names = {path.relative_to(draft).as_posix(): path.read_bytes() for path in written}
    own = {name: text for name, text in names.items() if not any(part.startswith(".") for part in Path(name).parts)}
    gone = {path.relative_to(draft).as_posix() for path in linked if not os.path.lexists(path)}
    same = {name for name, text in own.items() if (folder / name).is_file() and (folder / name).read_bytes() == text}
    changed = {name: text for name, text in own.items() if name not in same}
    return changed | dict.fromkeys(sorted(gone))
