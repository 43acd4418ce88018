"""The files with which a server is set up: the page shows them as they are, and the programs that read them take them."""

import configparser
import datetime
import re
import shlex
import shutil
import subprocess

import pytest
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from deployed import DEPLOYED, nginx_file, nginx_order
from documentation import DOCS

from research_lib.cli import app

SERVICE = (DEPLOYED / "research-lib.service").read_text(encoding="utf-8")
CONTAINER = (DEPLOYED / "Containerfile").read_text(encoding="utf-8")


def program(name):
    """A program of the system, which may stand where only root looks."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    return found or pytest.skip(f"{name} is not installed")


def test_the_page_shows_every_file_and_no_other():
    shown = re.findall(r"^```{literalinclude} deploy/(.+)$", (DOCS / "how-to/deploy.md").read_text("utf-8"), re.M)
    assert sorted(shown) == sorted(path.name for path in DEPLOYED.iterdir())


@pytest.mark.parametrize(
    "order",
    [
        shlex.split(re.search(r"^ExecStart=(.+)$", SERVICE, re.M)[1]),
        [
            part
            for name in ("ENTRYPOINT", "CMD")
            for part in re.findall(r'"(.+?)"', re.search(rf"^{name}.+", CONTAINER, re.M)[0])
        ],
    ],
    ids=["service", "container"],
)
def test_what_is_started_is_a_command_of_the_package_with_its_options(order):
    name, command, _, *options = order
    assert name.endswith("/research-lib")
    known = {spelling for each in typer.main.get_command(app).commands[command].params for spelling in each.opts}
    assert set(options[::2]) <= known


def test_a_kernel_that_takes_too_much_memory_does_not_end_the_service():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(SERVICE)
    service = unit["Service"]
    assert service["OOMPolicy"] == "continue" and "MemoryMax" in service and service["NoNewPrivileges"] == "yes"
    assert service["User"] != "root" and service["ProtectSystem"] == "strict"


@pytest.fixture
def certificates(tmp_path):
    """A folder with a certificate that nobody has signed."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1)
    )
    signed = made.sign(key, hashes.SHA256())
    (tmp_path / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "privkey.pem").write_bytes(key.private_bytes(*kind))
    return tmp_path


def test_nginx_takes_both_files_together(certificates):
    files = [
        nginx_file(name, port=port, certificates=certificates, changed={})
        for name, port in (("site.nginx.conf", 28443), ("server.nginx.conf", 28445))
    ]
    order = nginx_order(program("nginx"), certificates, "\n".join(files))
    tried = subprocess.run([*order, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0 and "[warn]" not in tried.stderr, tried.stderr


def test_caddy_takes_its_file(tmp_path):
    order = [program("caddy"), "adapt", "--config", str(DEPLOYED / "Caddyfile"), "--adapter", "caddyfile"]
    tried = subprocess.run(order, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)})
    assert tried.returncode == 0 and "study.example.org" in tried.stdout, tried.stderr


def test_systemd_takes_the_service(tmp_path):
    here = tmp_path / "research-lib.service"
    here.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", SERVICE, flags=re.M), encoding="utf-8")
    order = [program("systemd-analyze"), "verify", "--man=no", str(here)]
    tried = subprocess.run(order, capture_output=True, text=True, check=False)
    assert "research-lib.service" not in tried.stderr, tried.stderr


def test_jupyterhub_s_file_says_who_may_come_and_asks_no_other_machine():
    class Settings(dict):
        __getattr__ = dict.__getitem__

        def __missing__(self, name):
            return self.setdefault(name, type("Part", (), {})())

    settings = Settings()
    exec((DEPLOYED / "jupyterhub_config.py").read_text(encoding="utf-8"), {"get_config": lambda: settings})
    assert settings["LocalAuthenticator"].allowed_groups == {"research"}
    assert settings["JupyterHub"].bind_url.startswith("http://127.0.0.1:")
    assert any("NeverCheckForUpdate" in each for each in settings["Spawner"].args)
