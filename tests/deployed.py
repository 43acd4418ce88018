"""The files of docs/how-to/deploy/ as they run on a machine where neither names nor certificates are set up."""

import re
from pathlib import Path

DEPLOYED = Path(__file__).resolve().parents[1] / "docs/how-to/deploy"
_AROUND = """daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 2;
events {{ worker_connections 1024; }}
http {{
access_log off; sendfile on; keepalive_requests 1000000;
client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
{files}
}}
"""


def nginx_order(program: str, folder: Path, files: str) -> list[str]:
    """Write the whole of a configuration around some files, and give the command that runs nginx with it."""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, files=files), encoding="utf-8")
    return [program, "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def nginx_file(name: str, *, port: int, certificates: Path | None, changed: dict[str, str]) -> str:
    """A file for nginx that listens on a port of this machine only, without TLS where there are no certificates."""
    text = (DEPLOYED / name).read_text(encoding="utf-8")
    text = re.sub(r" *listen \[::\].*\n", "", text)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}{' ssl' if certificates else ''}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port + 1};")
    if certificates:
        text = re.sub(r"/etc/letsencrypt/live/[\w.]+", str(certificates), text)
    else:
        text = re.sub(r" *ssl_\w+ .*\n", "", text)
    for shown, here in changed.items():
        assert shown in text, shown
        text = text.replace(shown, here)
    return text
