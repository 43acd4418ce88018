"""The pages on Voilà: the finished page is sent at once, and the kernel's part follows in the same answer."""

import os
import re
import time
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
from research_lib.show.site.bundle import PAGES, Bundle

MOST_KERNELS = 60
_HERE = Path(__file__).parent
_KERNEL = re.compile(r'"kernelId": "([0-9a-f-]+)"')


class Visitors:
    """The kernels given to visitors, so that those whose visitor has left can be ended.

    Kernels that wait in the pool are idle on purpose and stay.
    """

    def __init__(self, grace: float):
        self.grace = grace
        self.given: dict[str, float] = {}

    def note(self, part: str) -> None:
        """Remember the kernel that a part of an answer names."""
        if found := _KERNEL.search(part):
            self.given[found[1]] = time.monotonic()

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

    def initialize(self, bundle: Bundle, visitors: Visitors, **kwargs: object) -> None:
        """Take the built pages and the list of kernels in use beside what Voilà's handler takes."""
        super().initialize(**kwargs)
        self.bundle, self.visitors = bundle, visitors

    @authenticated
    async def get(self, path: str) -> None:
        """Send the page in the language of the address; one that is not understood is refused whole.

        Where very many kernels run already, the page is sent without one: it is usable all the same.
        """
        page = path.removesuffix(".ipynb")
        try:
            state = self.bundle.state(page, self.request.query)
        except ViewStateError as error:
            raise HTTPError(400, str(error), reason="This address is not understood") from error
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.write(self.bundle.document(page, state.choices.get("lang", ("en",))[0]))
        _ = self.xsrf_token  # sets the cookie that the page's farewell to its kernel needs
        with suppress(StreamClosedError):
            await self.flush()
        if len(self.kernel_manager.list_kernel_ids()) >= MOST_KERNELS:
            self.finish("</body></html>")
            return
        async for part in self.get_generator(path=path):
            self.visitors.note(part)
            self.write(part)
            with suppress(StreamClosedError):
                await self.flush()


class StudyServer(Voila):
    """Voilà with the study's own page handler and template."""

    bundle: Bundle
    visitors = Visitors(grace=60)

    def setup_template_dirs(self) -> None:
        """Use the study's template, and let it carry the module that speaks with the kernel."""
        super().setup_template_dirs()
        self.template_paths: list[str] = [str(_HERE / "voila"), *self.template_paths]

    def init_settings(self) -> dict:
        """Compress what is sent."""
        return {**super().init_settings(), "compress_response": True}

    def init_handlers(self) -> list:
        """Answer the pages ourselves; everything else is Voilà's."""
        pages = "|".join(PAGES)
        shared = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
            "bundle": self.bundle,
            "visitors": self.visitors,
        }
        home = url_path_join(self.base_url, "voila/render/home.ipynb")
        own = [
            (url_path_join(self.server_url, rf"/voila/render/((?:{pages})\.ipynb)"), PageHandler, shared),
            (
                url_path_join(self.server_url, r"/voila/(?:tree.*|render/?)"),
                RedirectHandler,
                {"url": home, "permanent": False},
            ),
            (self.server_url, RedirectHandler, {"url": home, "permanent": False}),
        ]
        return [*own, *super().init_handlers()]

    def listen(self) -> None:
        """Look after deserted kernels while serving."""
        check = partial(self.visitors.end_deserted, self.kernel_manager)
        PeriodicCallback(check, self.visitors.grace * 500).start()
        super().listen()


def serve(notebooks: Path, bundle: Bundle, *, port: int, pool: int, address: str = "127.0.0.1") -> None:
    """Serve the dashboard notebooks until interrupted.

    `pool`: how many kernels wait ready for each page; 0 starts one when a visitor comes.
    """
    os.environ["RESEARCH_BUILD"] = str(bundle.folder)
    StudyServer.clear_instance()
    server = StudyServer.instance(config=configuration(port=port, pool=pool, address=address))
    server.bundle = bundle
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
