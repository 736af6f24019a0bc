"""What the tests of CI share: the tools, a wheel of the program under test, folders that are repositories, and PATHs."""
import base64
import functools
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CI = ROOT / "examples" / "ci"
OAKUM = None  # set by channels.py

sys.path.insert(0, str(HERE.parent / "forge"))

BAD = """apiVersion: v1
kind: Pod
metadata:
  name: web   # the shop
spec:
  containers:
  - name: web
    image: registry.example/web:1
    securityContext: {privileged: true}   # for one strace
"""
# Nothing of this is a manifest; some is not even YAML.
OTHERS = {
    "mkdocs.yml": "nav: {a: !!python/name:x 1}\n",
    "broken.yaml": "a: {b: [c\n",
    "chart.yaml": "x: {{ .Values.x }}\n",
    "tsconfig.json": "// a comment\n{\"a\": 1,}\n",
    ".github/workflows/x.yml": "on: push\njobs: {a: {steps: [{run: 'echo ${{ github.ref }}'}]}}\n",
}


def version():
    return re.search(r"project\(oakum VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


@functools.lru_cache
def tools():
    """The folder of the tools; None where they cannot be had."""
    done = subprocess.run(["sh", str(HERE / "tools.sh")], stdout=subprocess.PIPE, text=True)
    return pathlib.Path(done.stdout.strip()) if done.returncode == 0 else None


@functools.lru_cache
def wheels():
    """A folder with a wheel of the program under test; packaging/wheel.py makes those that are given away."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oakum-wheels-"))
    name = f"oakum-{version()}"
    tag = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
    files = {
        f"{name}.data/scripts/oakum": pathlib.Path(OAKUM).read_bytes(),
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: oakum\nVersion: {version()}\n".encode(),
        f"{name}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    record = io.StringIO()
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.write(f"{path},sha256={digest},{len(data)}\n")
    record.write(f"{name}.dist-info/RECORD,,\n")
    files[f"{name}.dist-info/RECORD"] = record.getvalue().encode()
    with zipfile.ZipFile(folder / f"{name}-{tag}.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for path, data in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            wheel.writestr(info, data, zipfile.ZIP_DEFLATED)
    return folder


def forget():
    if wheels.cache_info().currsize:
        shutil.rmtree(wheels())


class Place(unittest.TestCase):
    """A test with a scratch folder, and in it a repository `work`."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="oakum-channels-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.bin = self.scratch / "bin"
        self.bin.mkdir()
        self.work = self.repository("work", {"deploy/web.yaml": BAD, **OTHERS})

    # ---- the environment ----

    def environment(self, **more):
        """Nothing of the machine's own CI, forge or git; programs of self.bin come first; pip knows our wheel and no index."""
        alien = ("TOKEN", "PROXY", "GITHUB", "GITLAB", "GITEA", "GIT_", "RUNNER", "PRE_COMMIT", "PIP_", "OAKUM")
        clean = {k: v for k, v in os.environ.items() if not any(word in k for word in alien)}
        links = [str(wheels())] + ([str(tools() / "wheels")] if tools() else [])
        return {**clean, "PATH": f"{self.bin}:{self.path()}", "HOME": str(self.scratch), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8",
                "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": " ".join(links), "PIP_NO_CACHE_DIR": "1",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1", **{k: str(v) for k, v in more.items()}}

    def path(self):
        """PATH without any folder that has an oakum."""
        return ":".join(p for p in os.environ["PATH"].split(":") if p and not os.path.exists(os.path.join(p, "oakum")))

    def program(self, name, script):
        """A program on PATH: shell."""
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def put_oakum_on_path(self):
        self.program("oakum", f'exec "{OAKUM}" "$@"')

    def run_it(self, *words, cwd=None, status=0, data=None, **env):
        done = subprocess.run([str(word) for word in words], cwd=cwd or self.work, env=self.environment(**env), input=data,
                              capture_output=True, text=True, timeout=1200)
        self.assertNotIn("Sanitizer", done.stderr)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{words}\n{done.stdout}{done.stderr}")
        return done

    def oakum(self, *words, **more):
        return self.run_it(OAKUM, *words, **more)

    def need_tools(self, name):
        """The path of a tool, or a skip."""
        if tools() is None or not (tools() / "bin" / name).exists():
            self.skipTest(f"no {name}")
        return tools() / "bin" / name

    # ---- files ----

    def write(self, files, folder=None):
        for name, text in files.items():
            path = (folder or self.work) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def git(self, *words, cwd=None):
        return self.run_it("git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *words, cwd=cwd).stdout.strip()

    def repository(self, name, files):
        folder = self.scratch / name
        folder.mkdir()
        self.git("init", "-q", "-b", "main", cwd=folder)
        self.write(files, folder)
        self.save(folder)
        return folder

    def save(self, folder=None):
        self.git("add", "-A", cwd=folder)
        self.git("commit", "-q", "-m", "change", cwd=folder)

    def fixed(self, name="deploy/web.yaml"):
        """What `oakum fix` makes of a file of the last commit."""
        before = self.run_it("git", "show", f"HEAD:{name}").stdout
        return self.oakum("fix", "-", data=before, status=None).stdout

    def read(self, name="deploy/web.yaml"):
        return (self.work / name).read_text()

    def changed(self):
        return self.git("diff", "--name-only").splitlines()
