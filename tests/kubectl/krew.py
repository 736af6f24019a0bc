#!/usr/bin/python3
"""The archive and the manifest for krew: krew's own validator reads the manifest, and krew installs the plugin from both, offline.
usage: krew.py BUILD

Skipped, visibly, where there is no kubectl, or no Go to build krew with (once; it is kept in ~/.cache/oakum); OAK_CI makes that a
failure."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))
from common import skip  # noqa: E402
import yaml  # noqa: E402

VERSION = "v0.4.3"
TOOLS = "krew", "validate-krew-manifest"


def krew():
    """The folder with krew's programs."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "oakum" / ("krew-" + VERSION)
    if all((cache / tool).exists() for tool in TOOLS):
        return cache
    if shutil.which("go") is None:
        skip("no Go to build krew with")
    with tempfile.TemporaryDirectory() as work:
        for tool in TOOLS:
            subprocess.run(["go", "install", "sigs.k8s.io/krew/cmd/%s@%s" % (tool, VERSION)], check=True, timeout=900,
                           env=dict(os.environ, GOBIN=work, GOFLAGS="-mod=mod"))
        cache.mkdir(parents=True, exist_ok=True)
        for tool in TOOLS:
            shutil.copy(os.path.join(work, tool), cache / (tool + ".new"))
            os.replace(cache / (tool + ".new"), cache / tool)
    return cache


def make(build):
    subprocess.run(["cmake", "--build", build, "--target", "krew"], check=True, stdout=subprocess.DEVNULL, timeout=900)
    folder = pathlib.Path(build) / "krew"
    manifest = yaml.safe_load((folder / "oakum.yaml").read_text())
    platform, = manifest["spec"]["platforms"]
    return folder, manifest, platform, folder / platform["uri"].rsplit("/", 1)[1]


def say(*words, env=None, status=0):
    done = subprocess.run(words, text=True, capture_output=True, timeout=120, env=env)
    if done.returncode != status:
        sys.exit("FAIL %s: status %d\n%s%s" % (" ".join(words), done.returncode, done.stdout, done.stderr))
    return done.stdout + done.stderr


def check_archive(platform, archive):
    with tarfile.open(archive) as tar:
        names = {member.name.removeprefix("./"): member for member in tar.getmembers()}
    for name in ("LICENSE", platform["bin"], "kubectl_complete-oakum"):
        assert names[name].isfile(), name
    libraries = {name for name in names if name.startswith("lib/lib")}
    assert any("libfyaml" in name for name in libraries) and not any("libc.so" in name for name in libraries), libraries
    assert platform["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest(), "sha256"


def check_validator(tools, folder, root):
    """It says yes to the manifest, and no to a spoilt one."""
    validator = str(tools / "validate-krew-manifest")
    say(validator, "-manifest", str(folder / "oakum.yaml"), "-skip-install")
    text = (folder / "oakum.yaml").read_text()
    (root / "oakum.yaml").write_text(text.replace("version: v", "version: "))
    say(validator, "-manifest", str(root / "oakum.yaml"), "-skip-install", status=255)


def check_install(tools, folder, archive, root):
    env = dict(os.environ, KREW_ROOT=str(root / "krew"), HOME=str(root), PATH="%s/krew/bin:/usr/bin:/bin" % root)
    (root / "krew").mkdir()
    say(str(tools / "krew"), "install", "--manifest=%s" % (folder / "oakum.yaml"), "--archive=%s" % archive, env=env)
    assert "oakum" in say("kubectl", "oakum", "version", env=env)
    assert "kubectl oakum help" in say("kubectl", "oakum", "--help", env=env)
    program = str(root / "krew" / "bin" / "kubectl-oakum")
    for line in say("ldd", os.path.realpath(program), env=env).splitlines():
        if "=>" in line and not any("/lib%s.so" % name in line for name in ("c", "m", "dl", "rt", "pthread", "resolv", "util")):
            assert str(root) in line, line
    (root / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, securityContext: {privileged: true}}]}\n")
    say("kubectl", "oakum", "fix", "--select=privileged", "-f", str(root / "pod.yaml"), env=env)
    assert "privileged: false" in (root / "pod.yaml").read_text()


def main():
    if shutil.which("kubectl") is None:
        skip("no kubectl")
    tools = krew()
    folder, manifest, platform, archive = make(sys.argv[1])
    assert len(manifest["spec"]["shortDescription"]) <= 50, "shortDescription"
    check_archive(platform, archive)
    first = archive.read_bytes()
    assert make(sys.argv[1])[3].read_bytes() == first, "the same files give other bytes"
    with tempfile.TemporaryDirectory() as root:
        check_validator(tools, folder, pathlib.Path(root))
        check_install(tools, folder, archive, pathlib.Path(root))
    print("%s: %d bytes, installed by krew %s" % (archive.name, len(first), VERSION))


if __name__ == "__main__":
    main()
