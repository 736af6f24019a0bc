"""The two judges of Kubernetes itself, Go programs beside this file: psa-oracle, the official Pod Security evaluator, and k8s-validate,
the API server's own decoding and validation. Built when their sources are new, kept under ${XDG_CACHE_HOME:-~/.cache}/oakum.
"""
import hashlib
import os
import pathlib
import shutil
import sys

import common

HERE = pathlib.Path(__file__).resolve().parent


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "oakum"


def build(name):
    """The path of a built judge; a skip where it cannot be built."""
    if shutil.which("go") is None:
        common.skip("no go")
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*/**/*")):
        if path.name in ("go.mod", "go.sum") or path.suffix == ".go":
            digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    binary = cache_folder() / ("%s-%s" % (name, digest.hexdigest()[:16]))
    if not binary.exists():
        binary.parent.mkdir(parents=True, exist_ok=True)
        fresh = binary.with_name("%s.%d" % (binary.name, os.getpid()))
        print("building %s" % name, flush=True)
        result = common.run(["go", "build", "-buildvcs=false", "-p", "2", "-o", fresh, "."], cwd=HERE / name, timeout=3600)
        if result.returncode != 0:
            common.skip("go cannot build %s: %s" % (name, result.stderr.decode("utf-8", "replace")[-500:].strip()))
        os.replace(fresh, binary)
    return binary


def lines(command, folder):
    """The JSON lines of a judge over a folder. It says nothing about files without a pod."""
    result = common.run(command + ["."], cwd=folder)
    if result.returncode not in (0, 1, 2):
        sys.exit("%s: exit status %d: %s" % (command[0], result.returncode, result.stderr.decode("utf-8", "replace")[-500:]))
    return common.json_lines(result.stdout)
