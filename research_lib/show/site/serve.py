"""The pages on Voilà: the finished page is sent at once, and the kernel's part follows in the same answer."""

import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RedirectHandler, authenticated
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from research_lib.errors import ViewStateError
from research_lib.show.pages.names import PAGES
from research_lib.show.site.bundle import Bundle
from research_lib.show.site.refusals import ClosedPath, ForeignHost, RefusalHandler

MOST_KERNELS = 60
_CLOSED = ("voila/api/contents", "login", "logout")
_FOREIGN = "This server answers for its own address only. Start it with --address or --name to add another."
_NOTICE = 'data-role="left-out" hidden'
_HERE = Path(__file__).parent
_KERNEL = re.compile(r'"kernelId": "([0-9a-f-]+)"')


class Visitors:
    """The kernels given to visitors, so that those whose visitor has left can be ended.

    Kernels that wait in the pool are idle on purpose and stay.
    """

    def __init__(self, grace: float):
        self.grace = grace
        self.given: dict[str, float] = {}
        self.expected = 0

    def is_full(self, kernels: Any) -> bool:
        """Whether as many kernels run, or are on their way to a visitor, as the server gives."""
        running = kernels.list_kernel_ids()
        given = sum(kernel in kernels for kernel in self.given)
        return max(len(running), given + self.expected) >= MOST_KERNELS

    async def watch(self, parts: AsyncIterator[str]) -> AsyncIterator[str]:
        """Pass on the parts of an answer; its visitor has a place from the first moment."""
        self.expected += 1
        is_expected = True
        try:
            async for part in parts:
                if is_expected and self.note(part):
                    self.expected, is_expected = self.expected - 1, False
                yield part
        finally:
            self.expected -= is_expected

    def note(self, part: str) -> bool:
        """Remember the kernel that a part of an answer names."""
        if found := _KERNEL.search(part):
            self.given[found[1]] = time.monotonic()
        return found is not None

    async def end_deserted(self, kernels: Any) -> None:
        """End each kernel that has had no connection since longer than the grace, in seconds."""
        now = time.monotonic()
        for kernel, since in list(self.given.items()):
            if kernel not in kernels:
                del self.given[kernel]
            elif kernels.kernel_model(kernel)["connections"]:
                self.given[kernel] = now
            elif now - since > self.grace:
                del self.given[kernel]
                await ensure_async(kernels.shutdown_kernel(kernel))


class PageHandler(TornadoVoilaHandler):
    """Answers one page: its own HTML first, then what Voilà adds once a kernel is there."""

    def initialize(self, bundle: Bundle, visitors: Visitors, notebooks: Path, **kwargs: object) -> None:
        """Take the built pages, the kernels in use and the folder of notebooks beside what Voilà's handler takes."""
        super().initialize(**kwargs)
        self.bundle, self.visitors, self.notebooks = bundle, visitors, notebooks

    @authenticated
    async def get(self, path: str) -> None:
        """Send the page in the language of the address; what is not understood there is left out.

        Where very many kernels run already, the page is sent without one: it is usable all the same.
        """
        self._send_page(path)
        _ = self.xsrf_token  # sets the cookie that the page's farewell to its kernel needs
        await self._flush()
        if self.visitors.is_full(self.kernel_manager):
            self.finish("</body></html>")
            return
        async for part in self.visitors.watch(self.get_generator(path=path)):
            self.write(part)
            await self._flush()

    @authenticated
    async def head(self, path: str) -> None:
        """Answer as for a page, without starting a kernel."""
        self._send_page(path)

    async def _flush(self) -> None:
        with suppress(StreamClosedError):
            await self.flush()

    def _send_page(self, path: str) -> None:
        """Write the page's own HTML; only the notebooks of the folder are pages."""
        if path not in _notebooks(self.notebooks):
            raise HTTPError(404)
        page = path.removesuffix(".ipynb")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if page not in PAGES:
            return
        try:
            state = self.bundle.state(page, self.request.query)
        except ViewStateError as error:
            raise HTTPError(400, str(error), reason="This address is not understood") from error
        document = self.bundle.document(page, state.choices.get("lang", ("en",))[0])
        self.write(document.replace(_NOTICE, _NOTICE.removesuffix(" hidden"), 1) if state.left_out else document)


def _notebooks(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*.ipynb"))
    return {path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)}


class StudyServer(Voila):
    """Voilà with the study's own page handler and template."""

    bundle: Bundle
    visitors = Visitors(grace=60)
    names: tuple[str, ...] = ()

    def setup_template_dirs(self) -> None:
        """Use the study's template, and let it carry the module that speaks with the kernel."""
        super().setup_template_dirs()
        self.template_paths: list[str] = [str(_HERE / "voila"), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        """Compress what is sent."""
        return {**super().init_settings(), "compress_response": True}

    def init_handlers(self) -> list[Any]:
        """Answer the pages ourselves; everything else is Voilà's."""
        voila = {"voila_configuration": self.voila_configuration}
        shared = {
            **voila,
            "template_paths": self.template_paths,
            "config": self.config,
            "bundle": self.bundle,
            "visitors": self.visitors,
            "notebooks": Path(self.root_dir),
        }
        closed = [url_path_join(self.server_url, part) for part in _CLOSED]
        home = url_path_join(self.base_url, "voila/render/home.ipynb")
        own = [
            (ForeignHost(self.ip, self.names), RefusalHandler, {**voila, "status": 403, "why": _FOREIGN}),
            (ClosedPath(closed), RefusalHandler, {**voila, "status": 404}),
            (
                url_path_join(self.server_url, r"/voila/(?:tree.*|render/?)"),
                RedirectHandler,
                {"url": home, "permanent": False},
            ),
            (self.server_url, RedirectHandler, {"url": home, "permanent": False}),
            (url_path_join(self.server_url, "/voila/render/(.*)"), PageHandler, shared),
        ]
        return [*own, *super().init_handlers()]

    def listen(self) -> None:
        """Look after deserted kernels while serving."""
        check = partial(self.visitors.end_deserted, self.kernel_manager)
        PeriodicCallback(check, self.visitors.grace * 500).start()
        super().listen()


def serve(
    notebooks: Path,
    bundle: Bundle,
    *,
    port: int,
    pool: int,
    address: str = "127.0.0.1",
    names: Sequence[str] = (),
) -> None:
    """Serve the dashboard notebooks until interrupted.

    `pool`: how many kernels wait ready for each page; 0 starts one when a visitor comes. `names`: the names under which
    people reach the server, such as that of a proxy before it; requests for other names are refused.
    """
    os.environ["RESEARCH_BUILD"] = str(bundle.folder)
    StudyServer.clear_instance()
    server = StudyServer.instance(config=configuration(port=port, pool=pool, address=address))
    server.bundle, server.names = bundle, tuple(names)
    server.initialize([str(notebooks), "--no-browser"])
    server.start()


def configuration(*, port: int, pool: int, address: str) -> Config:
    """The settings under which the pages are served, with kernels that wait ready."""
    config = Config()
    config.Voila.port, config.Voila.ip, config.Voila.open_browser = port, address, False
    config.Voila.port_retries = 0
    config.VoilaConfiguration.preheat_kernel = pool > 0
    config.VoilaConfiguration.default_pool_size = pool
    config.VoilaConfiguration.resources = {"kernel_module": (_HERE / "voila/kernel.mjs").read_text(encoding="utf-8")}
    return config
