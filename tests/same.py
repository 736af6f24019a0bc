#!/usr/bin/env python3
"""Every way into oakum gives the same bytes.   usage: same.py OAKUM

All manifests of tests/cases and examples, as one folder; what `oakum fix` makes of it is compared with what comes out of a pipe, a
diff that git applies, the edits of the JSON, the fixes of SARIF, a commit, the kubectl plugin, the questions of -i, and, where they
were built, a program that uses the library. The host of a KRM function prints its files again: tests/krm compares what they say.

Exit status: 0 they are all alike, 1 one is not.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPTIONS = ["--no-config", "--today=2027-01-01"]


def run(argv, cwd, statuses=(0, 1, 2), data=None, env=None):
    done = subprocess.run(argv, cwd=cwd, input=data, capture_output=True, env={**os.environ, **(env or {})}, check=False)
    if done.returncode not in statuses:
        sys.exit(f"{argv[:6]}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def files_of(tree):
    return {str(p.relative_to(tree)): p.read_bytes() for p in sorted(tree.rglob("*")) if p.is_file() and ".git" not in p.parts}


def make_tree(tree):
    """Names that need quoting somewhere: a blank, a letter that is not ASCII."""
    for number, path in enumerate(sorted([*(ROOT / "tests/cases").rglob("input.*"), *(ROOT / "examples").rglob("*.y*ml"),
                                          *(ROOT / "examples").rglob("*.json")])):
        to = tree / f"{number % 7} ä" / f"{number}{path.suffix}"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())


def from_pipe(oakum, tree):
    for path in sorted(p for p in tree.rglob("*") if p.is_file()):
        out = run([oakum, "fix", *OPTIONS, "-"], tree, data=path.read_bytes())
        if out:
            path.write_bytes(out)


def from_diff(oakum, tree):
    diff = run([oakum, "diff", *OPTIONS, "."], tree)
    run(["git", "apply", "-"], tree, statuses=(0,), data=diff, env={"GIT_CEILING_DIRECTORIES": str(tree.parent)})


def splice(data, edits):
    """edits: (start, end, new bytes), offsets of the old bytes; at one offset in their order"""
    for start, end, new in reversed(sorted(edits, key=lambda e: e[0])):
        data = data[:start] + new + data[end:]
    return data


def from_json(oakum, tree):
    for line in run([oakum, "check", *OPTIONS, "--format=json", "."], tree).splitlines():
        answer = json.loads(line)
        path = tree / answer["file"]
        edits = [(e["start"], e["end"], e["text"].encode()) for e in answer["edits"]]
        if edits:
            path.write_bytes(splice(path.read_bytes(), edits))


def offset_of(lines, line, column):
    """SARIF counts from 1, and in units of UTF-16."""
    before = lines[line - 1].decode().encode("utf-16-le")[:2 * (column - 1)] if line <= len(lines) else b""
    return sum(map(len, lines[:line - 1])) + len(before.decode("utf-16-le").encode())


def from_sarif(oakum, tree):
    edits = {}
    for result in json.loads(run([oakum, "check", *OPTIONS, "--format=sarif", "."], tree))["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                name = urllib.parse.unquote(change["artifactLocation"]["uri"])
                lines = (tree / name).read_bytes().splitlines(keepends=True)
                for r in change["replacements"]:
                    at = r["deletedRegion"]
                    edits.setdefault(name, set()).add((offset_of(lines, at["startLine"], at["startColumn"]),
                                                       offset_of(lines, at["endLine"], at["endColumn"]),
                                                       r["insertedContent"]["text"].encode()))
    for name, of_file in edits.items():
        path = tree / name
        path.write_bytes(splice(path.read_bytes(), of_file))


def from_commit(oakum, tree):
    env = {"GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(tree), **{f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER")
           for what, text in (("NAME", "T"), ("EMAIL", "t@example.org"))}}
    for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "start"]):
        run(["git", *words], tree, statuses=(0,), env=env)
    run([oakum, "commit", *OPTIONS, "--branch=fixed"], tree, env=env)
    run(["git", "checkout", "-q", "fixed"], tree, statuses=(0,), env=env)
    shutil.rmtree(tree / ".git")


def from_kubectl(oakum, tree):
    plugin = tree.parent / "kubectl-oakum"
    if not plugin.exists():
        plugin.symlink_to(oakum)
    run([plugin, "fix", *OPTIONS, "-R", "-f", "."], tree)


def from_questions(oakum, tree):
    """Yes to the rest of each file, as soon as that is among the answers: it is not where something is held or manual."""
    with subprocess.Popen([oakum, "fix", "-i", *OPTIONS, "."], cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as talk:
        said = b""
        while more := os.read(talk.stdout.fileno(), 65536):
            said += more
            if said.endswith(b"?]? "):
                answers = said[said.rindex(b"["):]
                os.write(talk.stdin.fileno(), b"f\n" if b",f," in answers else b"n\n")
                said = b""


WAYS = {
    "a pipe": from_pipe,
    "diff, applied by git": from_diff,
    "the edits of json": from_json,
    "the fixes of sarif": from_sarif,
    "commit": from_commit,
    "kubectl oakum": from_kubectl,
    "fix -i": from_questions,
}


def main():
    oakum = os.path.abspath(sys.argv[1])
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        make_tree(work / "before")
        before = files_of(work / "before")
        shutil.copytree(work / "before", work / "fixed")
        run([oakum, "fix", *OPTIONS, "."], work / "fixed")
        wanted = files_of(work / "fixed")
        changed = sum(before[name] != wanted[name] for name in before)
        if changed < 100:
            sys.exit(f"only {changed} files are changed: this compares nothing")
        for name, way in WAYS.items():
            tree = work / "tree"
            shutil.copytree(work / "before", tree)
            way(oakum, tree)
            other = [n for n, data in files_of(tree).items() if data != wanted[n]]
            print(f"{name}: {len(other)} of {len(wanted)} files differ", *other[:5])
            failed += len(other)
            shutil.rmtree(tree)
    print(f"{changed} files changed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
