"""The server: the study's pages as finished HTML, and every other notebook of the folder as Voilà renders it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, RedirectHandler, authenticated
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from research_lib.show.pages.names import PAGES
from research_lib.show.site.bundle import Bundle
from research_lib.show.site.refusals import ClosedPath, ForeignHost, RefusalHandler

_CLOSED = ("voila/api/contents", "login", "logout")
_FOREIGN = "This server answers for its own address only. Start it with --address or --name to add another."
_FULL = "As many visitors as this server can serve have a dashboard open. Please come back in some minutes."
_HERE = Path(__file__).parent


class KernelLimit:
    """The number of kernels that may run at once; a notebook whose kernel is on its way counts."""

    def __init__(self, most: int):
        self.most, self.coming = most, 0

    @contextmanager
    def place(self, kernels: Any) -> Iterator[None]:
        """Keep a place for a kernel while a notebook is rendered; raises HTTPError 503 where there is none."""
        if len(kernels.list_kernel_ids()) + self.coming >= self.most:
            raise HTTPError(503, _FULL)
        self.coming += 1
        try:
            yield
        finally:
            self.coming -= 1


class PageHandler(TornadoVoilaHandler):
    """Answers a page with its finished HTML, and any other notebook as Voilà does, with a kernel of its own."""

    def initialize(self, bundle: Bundle, limit: KernelLimit, notebooks: Path, **kwargs: object) -> None:
        """Take the built pages, the limit of kernels and the folder of notebooks beside what Voilà's handler takes."""
        super().initialize(**kwargs)
        self.bundle, self.limit, self.notebooks = bundle, limit, notebooks

    @authenticated
    async def get(self, path: str) -> None:
        """Send a page in the language of the address, or render a notebook; anything else is not found."""
        if self._is_page(path):
            self._send_page(path)
            return
        with self.limit.place(self.kernel_manager):
            await super().get(path)

    @authenticated
    async def head(self, path: str) -> None:
        """Answer as for a page, without starting a kernel."""
        if self._is_page(path):
            self._send_page(path)

    def _is_page(self, path: str) -> bool:
        page = path.removesuffix(".ipynb")
        is_page = page in self.bundle.languages_by_page and path.endswith(".ipynb")
        if not is_page and (page in PAGES or path not in _notebooks(self.notebooks)):
            raise HTTPError(404)
        return is_page

    def _send_page(self, path: str) -> None:
        wanted = parse_qs(self.request.query).get("lang", ["en"])[0]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        page = path.removesuffix(".ipynb")
        self.finish(self.bundle.document(page, self.bundle.language(page, wanted)))


def _notebooks(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*.ipynb"))
    return {path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)}


class StudyServer(Voila):
    """Voilà with the study's own page handler and template."""

    bundle: Bundle
    limit = KernelLimit(60)
    names: tuple[str, ...] = ()

    def setup_template_dirs(self) -> None:
        """Use the study's template before Voilà's own."""
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
            "limit": self.limit,
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


def serve(
    notebooks: Path,
    bundle: Bundle,
    *,
    port: int,
    address: str = "127.0.0.1",
    names: Sequence[str] = (),
    grace: int = 60,
) -> None:
    """Serve the pages and the dashboard notebooks until interrupted.

    `names`: the names under which people reach the server, such as that of a proxy before it; requests for other names
    are refused. `grace`: the seconds after which a kernel ends that no visitor is connected to.
    """
    StudyServer.clear_instance()
    server = StudyServer.instance(config=configuration(port=port, address=address, grace=grace))
    server.bundle, server.names = bundle, tuple(names)
    server.initialize([str(notebooks), "--no-browser"])
    server.start()


def configuration(*, port: int, address: str, grace: int) -> Config:
    """The settings of the server."""
    config = Config()
    config.Voila.port, config.Voila.ip, config.Voila.open_browser = port, address, False
    config.Voila.port_retries = 0
    config.MappingKernelManager.cull_idle_timeout = grace
    config.MappingKernelManager.cull_interval = max(1, grace // 4)
    return config
