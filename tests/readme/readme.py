#!/usr/bin/env python3
"""What the README shows is run.   usage: readme.py OAKUM

Every block of it is one of those below, and every command in a block is run here, or by the test that is named; one that is neither
fails. Outputs are compared with the text: as a whole, or as a part where the README shows a part.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ELSEWHERE = {  # begin of a command: where it is run
    "sh examples/run.sh": "by hand: it installs and builds",
    "sh tests/run.sh": "this runs below it",
    "sh packaging/deb.sh": "tests/packages/deb.sh",
    "pip install .": "tests/packages/wheel.sh",
    "docker build": "tests/packages/image.sh, with buildah",
    "cmake --preset": "tests/packages/library.sh",
    "kubectl oakum": "tests/kubectl/plugin.py",
    "kubectl patch": "tests/kubectl/patches.py",
    "oakum pr": "tests/forge/program.py",
    "kustomize": "tests/krm/kustomize.py",
    "cc embed.c": "tests/packages/library.sh",
    "set -e": "tests/channels",
    "git diff --quiet": "tests/channels",
}
POD = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: a
    image: a
"""
SHOP = {
    "shop.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n",
    "web.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      securityContext:
        runAsUser: 0
      containers:
      - name: web
        image: registry.example/web:1
""",
}


def blocks():
    """(language, text) of each fenced block."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [(m[1], m[2]) for m in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)]


class World:
    def __init__(self, oakum, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/oakum").symlink_to(oakum)
        self.env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                    "GIT_CONFIG_NOSYSTEM": "1", **{f"GIT_{who}_{what}": word for who in ("AUTHOR", "COMMITTER")
                    for what, word in (("NAME", "T"), ("EMAIL", "t@example.org"))}}

    def tree(self, name, files):
        tree = self.folder / name
        for path, text in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        return tree

    def run(self, command, cwd, statuses=(0, 1), data=b""):
        done = subprocess.run(command, shell=True, cwd=cwd, env=self.env, input=data, capture_output=True, check=False)
        assert done.returncode in statuses, f"{command}: exit status {done.returncode}\n{done.stderr.decode()}"
        return done.stdout.decode(), done.stderr.decode()

    def repository(self, name, files):
        tree = self.tree(name, files)
        self.run("git init -q && git add -A && git commit -q -m start", tree, (0,))
        return tree


def deploy(world):
    return world.tree("deploy", {"deploy.yaml": (HERE / "deploy.yaml").read_text()})


def shown(command, text):
    assert text.startswith(f"$ {command}\n"), text
    return text.partition("\n")[2]


def test_diff(world, text):
    assert world.run("oakum diff deploy.yaml", deploy(world))[0] == shown("oakum diff deploy.yaml", text)


def test_check(world, text):
    assert text in world.run("oakum check .", deploy(world))[0]


def test_enforce(world, text):
    assert text in world.run("oakum check --enforce auto .", world.tree("shop", SHOP))[0]


def test_interactive(world, text):
    said = world.run("oakum fix -i deploy.yaml", deploy(world), data=b"n\n")[0]
    assert shown("oakum fix -i deploy.yaml", text).rstrip() in said, said


def test_json(world, text):
    command, _, wanted = text.partition("\n")
    said = world.run(command[2:].partition(" | ")[0], deploy(world))[0]
    findings = [[f[key] for key in ("patch", "outcome", "line")] for f in json.loads(said)["findings"]]
    assert command.endswith("[.patch, .outcome, .line]'") and wanted == "".join(
        json.dumps(f, separators=(",", ":")) + "\n" for f in findings), findings


def test_commit(world, text):
    repo = world.repository("repo", {f"{name}.yaml": POD.format(name=name) for name in "abc"})
    said = world.run("oakum commit -q --branch oakum/harden", repo)[0]
    assert re.sub(r"[0-9a-f]{12}", "", said) == re.sub(r"[0-9a-f]{12}", "", shown("oakum commit -q --branch oakum/harden", text)), said


def test_many(world, text):
    world.repository("shop.git", {f"{name}.yaml": POD.format(name=name) for name in "abc"})
    world.repository("billing.git", {"x.yaml": "a: b\n"})
    (world.folder / "repos.txt").write_text("".join(f"{world.folder}/{name}.git\n" for name in ("shop", "billing", "gone")))
    command, _, wanted = text.partition("\n")
    said = world.run(command[2:].partition(" | ")[0], world.folder, (2,))[0]
    lines = [json.loads(line) for line in said.splitlines()]
    got = [[r["repository"].replace(str(world.folder), "/srv/git"), r["result"], r["files"], (r.get("error") or {}).get("class")]
           for r in lines]
    assert wanted == "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in got), got


def test_configuration(world, text):
    tree = world.tree("configured", {".oakum.yaml": text, "hardening/patches/.keep": "", "a.yaml": POD.format(name="a")})
    said = world.run("oakum check --today 2027-01-01 .", tree)[1]
    assert "error" not in said, said


def test_comment(world, text):
    pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  template:\n    spec:\n" + text
    pod += "        image: a\n        securityContext: {privileged: true}\n"
    assert "ignored: container 'driver'" in world.run("oakum check --today 2027-01-01 .", world.tree("comment", {"a.yaml": pod}))[0]


def test_annotation(world, text):
    pod = POD.format(name="a").replace("metadata:\n", text) + "    securityContext: {privileged: true}\n"
    said = world.run("oakum check --today 2027-01-01 .", world.tree("annotated", {"a.yaml": pod}))
    assert "ignored: container 'a' has all the rights" in said[0], said


def test_function(world, text):
    config = "".join("  " + line for line in text.splitlines(keepends=True))
    listed = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n" + config + "items: []\n"
    world.run("oakum fn", world.folder, (0,), data=listed.encode())


def run_line(world, line):
    """One command of a block for the shell."""
    if any(line.startswith(begin) for begin in ELSEWHERE):
        return
    assert line.startswith("oakum "), f"nobody runs: {line}"
    tree = deploy(world)
    for folder in ("deploy", "cluster"):
        (tree / folder).mkdir(exist_ok=True)
    world.run(line, tree)


def test_shell(world, text):
    text = re.sub(r"\|\n +", "| ", text)
    for line in text.splitlines():
        run_line(world, line.partition("  #")[0].strip())


# What a block begins with: who looks at it.
OTHERS = {
    "$ oakum diff deploy.yaml\n": test_diff,
    "deploy.yaml:16:11: open:": test_check,
    "shop.yaml:1:1: namespace": test_enforce,
    "$ oakum fix -i": test_interactive,
    "$ oakum check --format json": test_json,
    "$ oakum commit -q": test_commit,
    "$ oakum commit --repos-from": test_many,
    "profile: restricted\n": test_configuration,
    "      containers:\n": test_comment,
    "metadata:\n": test_annotation,
    "apiVersion: oakum.dev": test_function,
    "$ oakum pr ": None,  # tests/forge/program.py
    "repos:\n": None,     # tests/channels
    "- uses: ": None,     # tests/channels
    "- run: oakum": None, # tests/channels
}


def look_at(world, language, text):
    if language == "sh":
        return test_shell(world, text)
    known = [begin for begin in OTHERS if text.startswith(begin)]
    assert known, f"nobody looks at this block:\n{text[:200]}"
    test = OTHERS[known[0]]
    return test(world, text) if test is not None else None


def main():
    oakum = os.path.abspath(shlex.split(sys.argv[1])[0])
    failed = 0
    all_blocks = blocks()
    for language, text in all_blocks:
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            look_at(World(oakum, folder), language, text)
        except AssertionError as failure:
            failed += 1
            print(f"FAIL: {text.splitlines()[0]}\n{failure}", file=sys.stderr)
        shutil.rmtree(folder)
    print(f"{len(all_blocks)} blocks, {failed} failed")
    sys.exit(failed > 0 or len(all_blocks) < 20)


if __name__ == "__main__":
    main()
