"""Each person works in a server and in kernels of an own account; the study is one folder that all can read."""

import sys
from pathlib import Path

STUDY = "/srv/study/my_study"  # belongs to the group "research"; nobody but its owner can read cases/ in it

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # nginx or Caddy takes the requests of people over https
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.cookie_secret_file = "/var/lib/jupyterhub/cookie_secret"
c.JupyterHub.db_url = "sqlite:////var/lib/jupyterhub/jupyterhub.sqlite"

# Accounts of this machine, and of these only those in the group.
c.JupyterHub.authenticator_class = "pam"
c.LocalAuthenticator.allowed_groups = {"research"}
c.Authenticator.admin_users = set()

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
c.Spawner.environment = {"RESEARCH_LIB_STUDY": STUDY, "JUPYTER_PLATFORM_DIRS": "1"}
c.Spawner.args = [
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--ServerApp.shutdown_no_activity_timeout=7200",
]
c.JupyterHub.active_server_limit = 12
c.JupyterHub.concurrent_spawn_limit = 4
