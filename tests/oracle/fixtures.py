#!/usr/bin/env python3
"""Asks Kubernetes itself: the official Pod Security evaluator and the API server's own validation.

usage: fixtures.py BINARY [--only pss,conflicts,corpus]

pss        every official fixture that breaks only controls that patches exist for is allowed after `fix --fix=all`;
           every fixture that a level allows stays as it is under that level's profile
conflicts  every manifest at the edges of API validation that was valid is valid after a fix
corpus     the same for every changed file of the corpus, object by object
Both judges are the Go programs beside this file; they are built once and kept under ${XDG_CACHE_HOME:-~/.cache}/oakum.
Exit status: 0 all holds, 1 something does not, 77 there is no corpus or no Go.
"""
import argparse
import collections
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile

import common

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "v1.37"
MAX_TOLD = 20

# What the evaluator calls the controls that patches exist for. A fixture that breaks nothing else must pass afterwards.
# A new patch for another control: add its name here, it stands in the table "not yet covered".
COVERED = {
    "privileged",
    "allowPrivilegeEscalation != false",
    "runAsNonRoot != true",
    "runAsUser=0",
    "seccompProfile",
}
ALL = ["--fix=all", "--profile", "hardened", "--runtime-class", "gvisor"]

failures = []


def fail(what):
    failures.append(what)


# ---- the judges ----


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "oakum"


def judge(name):
    """The path of a built judge; built if its sources are new."""
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


def verdicts(command, folder):
    """The JSON lines of a judge over a folder. It says nothing about files without a pod."""
    result = common.run(command + ["."], cwd=folder)
    if result.returncode not in (0, 1, 2):
        sys.exit("%s: exit status %d: %s" % (command[0], result.returncode, result.stderr.decode("utf-8", "replace")[-500:]))
    return common.json_lines(result.stdout)


def evaluate(folder, level):
    """File → the controls that it breaks; None: undecodable."""
    command = [judge("psa-oracle"), "--level", level, "--version", VERSION]
    broken = collections.defaultdict(list)
    for line in verdicts(command, folder):
        name = os.path.normpath(line["file"])
        if line.get("decodeError") or line.get("strictErrors"):
            broken[name] = None
        elif broken[name] is not None:
            broken[name] += [reason.split(" (", 1)[0] for reason in line.get("reasons") or []]
    return broken


def validate(folder):
    """(file, document, item, what) → why the API server refuses it; an empty list: it does not.

    `what` is the object itself or the path of a pod in it, made a pod of its own and validated again.
    """
    out = {}
    for line in verdicts([judge("k8s-validate"), "validate"], folder):
        if not line.get("served"):
            continue  # a kind that this judge does not know
        key = os.path.normpath(line["file"]), line["doc"], line.get("item", "")
        out[key + ("object",)] = [] if line["valid"] and not line.get("strictErrors") else \
            (line.get("errors") or []) + (line.get("strictErrors") or []) or ["?"]
        for pod in line.get("pods") or []:
            out[key + (pod["path"],)] = [] if pod["valid"] and not pod.get("strictErrors") else \
                (pod.get("errors") or []) + (pod.get("strictErrors") or []) or ["?"]
    return out


# ---- the accused ----


def copy(source, target, names=None):
    """Writable copies of the manifests below `source`."""
    names = names or [p.relative_to(source) for p in sorted(source.rglob("*"))
                      if p.suffix in (".yaml", ".yml", ".json") and p.is_file() and not p.is_symlink()]
    for name in names:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((source / name).read_bytes())
    return [str(name) for name in names]


def fix(binary, folder, options, what, allowed=(0, 1)):
    result = common.run([binary, "fix"] + options + ["."], cwd=folder)
    reason = common.death(result, allowed)
    if reason:
        fail("%s: fix %s: %s" % (what, " ".join(options), reason))


def changed_names(before, after, names):
    return [name for name in names if (before / name).read_bytes() != (after / name).read_bytes()]


def pss_fail(binary, level, work, uncovered):
    source = common.shared("pss-fixtures") / level / VERSION / "fail"
    names = copy(source, work)
    before = evaluate(work, level)
    fix(binary, work, ["--fix=all", "--profile", level], "%s fail" % level)
    after = evaluate(work, level)
    must = 0
    for name in names:
        others = sorted(set(before[name] or ["undecodable"]) - COVERED)
        if others:
            for control in others:
                uncovered[control, level].append(name)
            continue
        must += 1
        if after[name] is None or after[name]:
            fail("%s/fail/%s: still refused: %s" % (level, name, after[name]))
    if not must:
        fail("%s: no fixture breaks a covered control only: was anything tested?" % level)
    print("%-10s  fail: %d fixtures, %d must be allowed after a fix" % (level, len(names), must))


def pss_pass(binary, level, work):
    source = common.shared("pss-fixtures") / level / VERSION / "pass"
    names = copy(source, work)
    allowed = [name for name, broken in evaluate(work, level).items() if broken == []]
    fix(binary, work, ["--profile", level], "%s pass" % level)
    for name in changed_names(source, work, allowed):
        fail("%s/pass/%s: allowed by the level, yet it was changed" % (level, name))
    if not allowed:
        fail("%s: no fixture is allowed: was anything tested?" % level)
    print("%-10s  pass: %d fixtures, %d allowed before and to be left alone" % (level, len(names), len(allowed)))


def pss(binary, work):
    uncovered = collections.defaultdict(list)
    for level in ("baseline", "restricted"):
        pss_fail(binary, level, work / level / "fail", uncovered)
        pss_pass(binary, level, work / level / "pass")
    print("not yet covered:")
    for (control, level), names in sorted(uncovered.items()):
        print("  %-36s %-10s %2d fixtures, %s …" % (control, level, len(names), names[0]))


def still_valid(what, before, after):
    """Compares two runs of validate. Returns how many objects and pods were valid before."""
    valid = [key for key, errors in before.items() if not errors]
    for key in valid:
        errors = after.get(key, ["it is not there any more"])
        if errors:
            fail("%s: %s: document %d%s: %s: was valid, is refused: %s" % ((what,) + key + ("; ".join(errors),)))
    return len(valid)


def conflicts(binary, work):
    source = common.shared("api-conflicts") / "cases"
    for i, options in enumerate(([], ["--fix=all"], ALL)):
        folder = work / str(i)
        names = copy(source, folder)
        before = validate(folder)
        fix(binary, folder, options, "api-conflicts", allowed=(0, 1, 2))
        count = still_valid("api-conflicts, fix " + " ".join(options), before, validate(folder))
        if not count:
            fail("api-conflicts: nothing was valid before: was anything tested?")
        print("conflicts   fix %-62s %d files, %d changed, %d objects and pods valid before"
              % (" ".join(options), len(names), len(changed_names(source, folder, names)), count))


def corpus(binary, work):
    source = common.shared("corpus")
    for i, options in enumerate(([], ALL)):
        folder = work / str(i)
        names = copy(source, folder / "all")
        fix(binary, folder / "all", options, "corpus", allowed=(0, 1, 2))
        changed = changed_names(source, folder / "all", names)
        if not changed:
            fail("corpus: nothing was changed: was anything tested?")
            continue
        copy(source, folder / "before", changed)
        copy(folder / "all", folder / "after", changed)
        count = still_valid("corpus, fix " + " ".join(options), validate(folder / "before"), validate(folder / "after"))
        print("corpus      fix %-62s %d files, %d changed, %d objects and pods valid before"
              % (" ".join(options), len(names), len(changed), count))


PARTS = {"pss": pss, "conflicts": conflicts, "corpus": corpus}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--only", default=",".join(PARTS))
    args = parser.parse_args()
    only = args.only.split(",")
    for name in only:
        if name not in PARTS:
            parser.error("unknown part '%s'" % name)
        common.shared({"pss": "pss-fixtures", "conflicts": "api-conflicts", "corpus": "corpus"}[name])
        judge("psa-oracle" if name == "pss" else "k8s-validate")  # what cannot run is skipped before anything has failed
    for name in only:
        work = pathlib.Path(tempfile.mkdtemp(prefix="oakum-fixtures."))
        try:
            PARTS[name](args.binary, work)
        finally:
            shutil.rmtree(work)
        sys.stdout.flush()
    for reason in failures[:MAX_TOLD]:
        print("FAIL " + reason)
    if len(failures) > MAX_TOLD:
        print("FAIL and %d more" % (len(failures) - MAX_TOLD))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
