"""The server: the study's pages as finished HTML, and every other notebook of the folder as Voilà renders it."""

import asyncio
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import ErrorHandler, HTTPError, RedirectHandler, authenticated
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from research_lib.errors import ResearchError
from research_lib.evidence.study_folders import OWN_STUDY
from research_lib.show.pages.addresses import SERVED_PICTURES
from research_lib.show.pages.fonts import font_faces
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.build import Bundle
from research_lib.show.site.connections import FairServer, listening
from research_lib.show.site.finished_pages import FinishedPage, FinishedPages, MadeFile, picture_of, vega
from research_lib.show.site.front_end import JOINED, Compressed, FrontEnd
from research_lib.show.site.kernels.visitor_kernels import (
    MOST_MESSAGE_BYTES,
    RightsError,
    VisitorKernel,
    prepare_system,
)
from research_lib.show.site.kernels.waiting_kernels import KernelLimit, WaitingKernels
from research_lib.show.site.kernels.widget_messages import WidgetConnection
from research_lib.show.site.live_frame import Frame
from research_lib.show.site.live_pages import ServedFolder, served_folder
from research_lib.show.site.responses import (
    FILE_POLICY,
    Answer,
    ErrorPages,
    Refusal,
    is_from_elsewhere,
    notebook_policy,
    preferred_language,
)
from research_lib.show.site.voila_parts import use_parts

_TEMPLATES = [Path(__file__).parent / "voila", Path(__file__).parents[1] / "pages/shared"]
_MOST_SECONDS = 120  # that a notebook may take until its page is complete
# No address takes a body of more than some bytes; a visitor who says nothing, or reads nothing, is not waited for.
LIMITS = {"max_body_size": 2**16, "max_header_size": 2**14, "idle_connection_timeout": 30, "body_timeout": 10}


class PageHandler(TornadoVoilaHandler):
    """Answers a page with its finished HTML, and any other notebook as Voilà does, with a kernel of its own."""

    def initialize(
        self,
        finished: FinishedPages,
        limit: KernelLimit,
        notebooks: ServedFolder,
        front_end: FrontEnd,
        **kwargs: object,
    ) -> None:
        """Take the pages, the limit of kernels, the folder of notebooks and what is known of their times."""
        super().initialize(**kwargs)
        self.finished, self.limit, self.notebooks, self.front_end = finished, limit, notebooks, front_end

    @authenticated
    async def get(self, path: str) -> None:
        """Send a page in the language of the address, or render a notebook; anything else is not found.

        A visitor from elsewhere whose address names no language is led to the one that the browser wants.
        """
        is_page, asked = self._is_page(path), parse_qs(self.request.query)
        if "lang" not in asked and is_from_elsewhere(self.request):
            languages = self.finished.bundle.languages_by_page["about"]
            wanted = preferred_language(self.request, languages)
            if wanted not in ("", "en"):
                self.set_header("Vary", "Accept-Language, Sec-Fetch-Site")
                self.redirect(f"{self.request.path}?{'&'.join(filter(None, (f'lang={wanted}', self.request.query)))}")
                return
        if is_page:
            await self._send_page(path)
            return
        with self.limit.place(self.kernel_manager):
            self.set_header("Content-Security-Policy", notebook_policy(self.request.host))
            self.set_header("X-Accel-Buffering", "no")  # nginx passes the page on as its cells run
            _ = self.xsrf_token  # sets the cookie with which the page ends its kernel when it is left
            await self._send_notebook(path)

    def set_cookie(self, name: str, value: str | bytes, **settings: Any) -> None:
        """Set a cookie; where the visitor came by TLS, the browser sends it back by TLS only."""
        super().set_cookie(name, value, **{"secure": self.request.protocol == "https"} | settings)

    @authenticated
    async def head(self, path: str) -> None:
        """Answer as for a page, without starting a kernel."""
        if self._is_page(path):
            await self._send_page(path)

    def _is_page(self, path: str) -> bool:
        page = path.removesuffix(".ipynb")
        is_page = page in self.finished.bundle.languages_by_page and path.endswith(".ipynb")
        if not is_page and (page in PAGES or path not in self.notebooks.renew()):
            raise HTTPError(404)
        return is_page

    async def _send_notebook(self, path: str) -> None:
        """Send the page of a notebook as its cells run, until it is complete or the visitor is gone."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                async for part in self.get_generator(path=path):
                    self.write(part)
                    await self.flush()
            self.front_end.took(path, time.monotonic() - begun)
        except RightsError as error:
            raise HTTPError(500, "%s", error) from error
        except (StreamClosedError, TimeoutError) as error:
            self.log.warning("The page of %s is not complete: %r", path, error)

    async def _send_page(self, path: str) -> None:
        asked, name = parse_qs(self.request.query), path.removesuffix(".ipynb")
        language = self.finished.bundle.language(name, asked.get("lang", ["en"])[0])
        here = url_path_join(f"{self.request.protocol}://{self.request.host}", self.base_url, SERVED_PICTURES)
        page = await self.finished.page(name, language, here, is_searched="q" in asked)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        if "search" in asked:
            page = _apart(page, asked["search"][0])
            self.set_header("Content-Type", "application/json; charset=utf-8")
            self.set_header("Cache-Control", "max-age=86400")
        self.set_header("Content-Security-Policy", page.policy)
        encoding, body = page.form(self.request.headers.get("Accept-Encoding", ""))
        if encoding:
            self.set_header("Content-Encoding", encoding)
        self.finish(body)


def _apart(page: FinishedPage, digest: str) -> FinishedPage:
    """Give what a page asks for when somebody searches; that of another build is not found."""
    if digest not in page.apart:
        raise HTTPError(404)
    return page.apart[digest]


class StudyServer(Voila):
    """Voilà with the study's own page handler and template."""

    bundle: Bundle
    limit = KernelLimit(60)
    names: tuple[str, ...] = ()
    frame: Frame
    folder: ServedFolder

    def setup_template_dirs(self) -> None:
        """Use the study's template before Voilà's own, and compile each once."""
        super().setup_template_dirs()
        use_parts()
        self.template_paths: list[str] = [*map(str, _TEMPLATES), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        """Give every answer its headers, compress what is sent, and limit the messages of a web socket."""
        errors = ErrorPages(self.frame.words, self.frame.titles)
        return {
            **super().init_settings(),
            "transforms": [partial(Answer, front_end=self.frame.front_end, errors=errors), Compressed],
            "headers": {"Content-Security-Policy": FILE_POLICY},
            "websocket_max_message_size": MOST_MESSAGE_BYTES,
        }

    def init_handlers(self) -> list[Any]:
        """Refuse what is not ours, answer the pages ourselves; everything else is Voilà's."""
        self.finished = FinishedPages(self.bundle, self.frame.live)
        shared = {
            "voila_configuration": self.voila_configuration,
            "template_paths": self.template_paths,
            "config": self.config,
            "finished": self.finished,
            "limit": self.limit,
            "notebooks": self.folder,
            "front_end": self.frame.front_end,
        }
        home = {"url": url_path_join(self.base_url, "voila/render/home.ipynb"), "permanent": False}
        picture = partial(picture_of, self.bundle)
        made = {
            JOINED + r"(\w+)\.js": {"make": self.frame.front_end.joined, "kind": "text/javascript; charset=utf-8"},
            "/voila/static/vega.js": {"make": vega, "kind": "text/javascript; charset=utf-8"},
            "/voila/static/fonts.css": {"make": font_faces, "kind": "text/css; charset=utf-8"},
            SERVED_PICTURES + r"(\w+)\.([\w-]+)\.png": {"make": picture, "kind": "image/png"},
        }
        own = [
            (Refusal(self.ip, self.names, self.server_url), ErrorHandler),
            (url_path_join(self.server_url, r"/voila/(?:tree.*|render/?)"), RedirectHandler, home),
            (self.server_url, RedirectHandler, home),
            *((url_path_join(self.server_url, path), MadeFile, options) for path, options in made.items()),
            (url_path_join(self.server_url, "/voila/render/(.*)"), PageHandler, shared),
        ]
        return [*own, *super().init_handlers()]

    def listen(self) -> None:
        """Listen with limits on what a connection may send and how long it may wait, until interrupted."""
        prepare_system()
        if not 0 < self.port < 2**16:  # a larger number is cut to another port
            raise ResearchError(f"{self.port} is no port; choose one from 1 to 65535 with --port")
        with listening(self.ip, self.port):
            FairServer(self.app, **LIMITS).listen(self.port, self.ip)
        self.log.info("Voilà is running at:\n%s", self.display_url)
        self.ioloop = IOLoop.current()
        self.ioloop.add_callback(self.kernel_manager.refill)
        own = urlsplit(self.display_url)
        for host in [f"https://{name}" for name in self.names] or [f"{own.scheme}://{own.netloc}"]:
            self.ioloop.add_callback(self.finished.prepare, url_path_join(host, self.base_url, SERVED_PICTURES))
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping...")
        finally:
            self.stop()


def serve(
    bundle: Bundle,
    *,
    notebooks: Path | None = None,
    study: Path = OWN_STUDY,
    port: int,
    address: str = "127.0.0.1",
    names: Sequence[str] = (),
    grace: int = 300,
    waiting: int = 1,
    show_tracebacks: bool = False,
) -> None:
    """Serve the pages of a study, the notebooks in its `dashboards/`, beside it and of the package until interrupted.

    `notebooks`: a folder to take in place of the last two. `names`: the names under which people reach the server, such
    as that of a proxy before it; requests for other names are refused. `grace`: the seconds after which a kernel ends
    that no visitor is connected to; a notebook has so long to be rendered. The kernel of a page that is left ends at
    once. `waiting`: the number of kernels that start before visitors come. `show_tracebacks`: whether pages show
    to everybody where in its code an error is.
    """
    StudyServer.clear_instance()
    config = configuration(port=port, address=address, grace=grace)
    config.WaitingKernels.most_waiting = waiting
    config.VoilaConfiguration.show_tracebacks = show_tracebacks
    os.environ["RESEARCH_LIB_STUDY"] = str(study.resolve())
    server = StudyServer.instance(config=config)
    server.bundle, server.names, server.frame = bundle, tuple(names), Frame(study, notebooks, FrontEnd())
    with served_folder(study, notebooks) as server.folder:
        server.initialize([str(server.folder.path), "--no-browser"])
        server.voila_configuration.prelaunch_hook = server.frame
        server.start()


def configuration(*, port: int, address: str, grace: int) -> Config:
    """The settings of the server."""
    config = Config()
    config.Voila.port, config.Voila.ip, config.Voila.open_browser = port, address, False
    config.Voila.kernel_websocket_connection_class = WidgetConnection
    config.VoilaConfiguration.allow_template_override = config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.multi_kernel_manager_class = WaitingKernels
    config.AsyncMappingKernelManager.kernel_manager_class = f"{VisitorKernel.__module__}.{VisitorKernel.__name__}"
    config.MappingKernelManager.allow_tracebacks = False
    config.MappingKernelManager.buffer_offline_messages = False  # what nobody hears is not kept
    config.MappingKernelManager.cull_busy = True  # a visitor may leave while a cell runs
    config.MappingKernelManager.cull_idle_timeout = grace
    config.MappingKernelManager.cull_interval = max(1, grace // 4)
    config.KernelRestarter.time_to_dead = 1  # second until a visitor hears of it
    config.KernelRestarter.restart_limit = 0  # a kernel that starts again has nothing of what the page shows
    return config
