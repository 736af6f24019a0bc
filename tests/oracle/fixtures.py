#!/usr/bin/env python3
"""Asks Kubernetes itself: the official Pod Security evaluator and the API server's own validation.

usage: fixtures.py BINARY [--only pss,valid,conflicts,corpus]

pss        for every level and version: the official fixtures that the level refuses are allowed after `fix --fix=all`, but
           for those that need a person, which are exactly those that the program calls manual; those that it allows stay as
           they are. Versions before 1.19 are in the table, and not required
valid      every official fixture that the API server accepts is accepted after a fix, with default options and with all
conflicts  the same for manifests at the edges of API validation, and for each patch alone
corpus     the same for every changed file of the corpus, object by object
Both judges are the Go programs beside this file; they are built once and kept under ${XDG_CACHE_HOME:-~/.cache}/oakum.
Exit status: 0 all holds, 1 something does not, 77 there is no corpus or no Go.
"""
import argparse
import collections
import os
import pathlib
import shutil
import sys
import tempfile

import common
import judges

FIRST_REQUIRED = 19  # minor version: the oldest whose table must be without a gap
LEVELS = "baseline", "restricted"

DEFAULT = []
ALL = ["--fix=all"]
MOST = ALL + ["--profile", "hardened", "--runtime-class", "gvisor", "--also", "tmp-volume,host-path-removal"]

failures = []


def fail(what):
    failures.append(what)


# ---- the judges ----


def evaluate(folder, level, version):
    """File → the reasons for which the level refuses it; None: undecodable."""
    command = [judges.build("psa-oracle"), "--level", level, "--version", version]
    reasons = collections.defaultdict(list)
    for line in judges.lines(command, folder):
        name = os.path.normpath(line["file"])
        if line.get("decodeError") or line.get("strictErrors"):
            reasons[name] = None
        elif reasons[name] is not None:
            reasons[name] += line.get("reasons") or []
    return reasons


def validate(folder):
    """(file, document, item, what) → why the API server refuses it; an empty list: it does not.

    `what` is the object itself or the path of a pod in it, made a pod of its own and validated again.
    """
    out = {}
    for line in judges.lines([judges.build("k8s-validate"), "validate"], folder):
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
    """What the program says of each file, after it has rewritten those below `folder`."""
    result = common.run([binary, "fix", "--format", "json"] + options + ["."], cwd=folder)
    reason = common.death(result, allowed)
    if reason:
        fail("%s: fix %s: %s" % (what, " ".join(options), reason))
        return {}
    return {os.path.normpath(line["file"]): line for line in common.json_lines(result.stdout)}


def changed_names(before, after, names):
    return [name for name in names if (before / name).read_bytes() != (after / name).read_bytes()]


def not_done(said):
    """Names of the files that failed. A template is refused, which is no failure."""
    return {name for name, line in said.items() if line.get("error") and not line["error"]["template"]}


def patch_ids(binary):
    return [line.split()[0] for line in common.run([binary, "patches"]).stdout.decode().splitlines()]


# ---- pss ----


class Tally:
    """One level in one version. `wrong` holds what is not as it should be."""

    def __init__(self):
        self.refused = self.fixed = self.manual = self.allowed = 0
        self.wrong = []


def judge_fail(binary, level, version, work, tally):
    names = copy(common.shared("pss-fixtures") / level / version / "fail", work)
    before = evaluate(work, level, version)
    said = fix(binary, work, ALL + ["--profile", level, "--kube-version", version], "%s %s fail" % (level, version))
    after = evaluate(work, level, version)
    for name in names:
        if not before[name]:
            continue
        tally.refused += 1
        is_manual = any(f["outcome"] == "manual" for f in said.get(name, {}).get("findings", []))
        is_allowed = after[name] == []
        tally.fixed += is_allowed
        tally.manual += is_manual
        if is_allowed == is_manual:
            tally.wrong.append("%s: %s" % (name, "called manual, yet allowed" if is_manual else after[name]))


def judge_pass(binary, level, version, work, tally):
    source = common.shared("pss-fixtures") / level / version / "pass"
    names = copy(source, work)
    allowed = [name for name, reasons in evaluate(work, level, version).items() if reasons == []]
    fix(binary, work, ["--profile", level, "--kube-version", version], "%s %s pass" % (level, version))
    tally.allowed = len(allowed)
    for name in changed_names(source, work, allowed):
        tally.wrong.append("%s: allowed by the level, yet it was changed" % name)


def pss(binary, work):
    versions = sorted((p.name for p in (common.shared("pss-fixtures") / LEVELS[0]).iterdir()),
                      key=lambda name: int(name.split(".")[1]))
    print("%-11s %-7s %8s %8s %8s %8s %6s" % ("level", "version", "refused", "fixed", "manual", "allowed", "wrong"))
    for level in LEVELS:
        for version in versions[1:]:  # there is no --kube-version 1.0
            tally = Tally()
            judge_fail(binary, level, version, work / level / version / "fail", tally)
            judge_pass(binary, level, version, work / level / version / "pass", tally)
            is_required = int(version.split(".")[1]) >= FIRST_REQUIRED
            print("%-11s %-7s %8d %8d %8d %8d %6d%s" % (level, version, tally.refused, tally.fixed, tally.manual, tally.allowed,
                                                       len(tally.wrong), "" if is_required else "  (not required)"))
            if not is_required:
                continue
            for what in tally.wrong:
                fail("%s/%s/%s" % (level, version, what))
            if not tally.fixed or not tally.manual or not tally.allowed:
                fail("%s/%s: a column is empty: was anything tested?" % (level, version))


# ---- validation ----


def still_valid(what, before, after):
    """Compares two runs of validate. Returns how many objects and pods were valid before."""
    valid = [key for key, errors in before.items() if not errors]
    for key in valid:
        errors = after.get(key, ["it is not there any more"])
        if errors:
            fail("%s: %s: document %d%s: %s: was valid, is refused: %s" % ((what,) + key + ("; ".join(errors),)))
    return len(valid)


def copy_changed(originals, folder, names, target):
    """Keeps what a run changed, and gives the originals back for the next. Returns the names."""
    changed = changed_names(originals, folder, names)
    copy(folder, target, changed)
    copy(originals, folder, changed)
    return changed


def under(verdict, prefix):
    """The part of a verdict that is about the files of one folder, named as in that folder."""
    return {(key[0][len(prefix) + 1:],) + key[1:]: errors for key, errors in verdict.items()
            if key[0].startswith(prefix + os.sep)}


def stay_valid(binary, what, originals, runs, work):
    """Each of `runs`, a list of options, by itself. The judge sees only what changed: all runs at once, and the originals."""
    names = copy(originals, work / "now")
    seen = set()
    changed = []
    # A patch that never edits: what fails here cannot be read.
    unreadable = not_done(fix(binary, work / "now", ["--select", "host-path-volumes"], what, allowed=(0, 1, 2)))
    for i, options in enumerate(runs):
        said = fix(binary, work / "now", options, what, allowed=(0, 1, 2))
        for name in sorted(not_done(said) - unreadable):
            fail("%s, fix %s: %s: %s" % (what, " ".join(options), name, said[name]["error"]["text"]))
        changed.append(copy_changed(originals, work / "now", names, work / "after" / str(i)))
        seen.update(changed[-1])
    if not seen:
        fail("%s: nothing was changed: was anything tested?" % what)
        return
    copy(originals, work / "before", sorted(seen))
    before, after = validate(work / "before"), validate(work / "after")
    alone = []
    for i, options in enumerate(runs):
        mine = {key: errors for key, errors in before.items() if key[0] in set(changed[i])}
        count = still_valid("%s, fix %s" % (what, " ".join(options)), mine, under(after, str(i)))
        if options[-2:-1] == ["--select"]:
            alone.append((options[-1], len(changed[i]), count))
        else:
            print("%-9s %5d changed, %5d objects and pods valid before: fix %s" % (what, len(changed[i]), count, " ".join(options)))
    print("%-9s each patch alone, files changed: %s" % (what, ", ".join("%s %d" % one[:2] for one in alone if one[1])))
    untested = [one[0] for one in alone if not one[1]]
    if untested:
        print("%-9s nothing to do for: %s" % (what, ", ".join(untested)))
    if not any(not errors for errors in before.values()):
        fail("%s: nothing was valid before: was anything tested?" % what)


def each_alone(binary):
    return [ALL + ["--profile", "hardened", "--runtime-class", "gvisor", "--select", name] for name in patch_ids(binary)]


def distinct_fixtures(target):
    """All fixtures of the required versions, each text once."""
    seen = set()
    for path in sorted(common.shared("pss-fixtures").glob("*/*/*/*.yaml")):
        text = path.read_bytes()
        if int(path.parts[-3].split(".")[1]) >= FIRST_REQUIRED and text not in seen:
            seen.add(text)
            name = "-".join(path.parts[-4:])
            target.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(text)


def valid(binary, work):
    distinct_fixtures(work / "fixtures")
    stay_valid(binary, "fixtures", work / "fixtures", [DEFAULT, ALL, MOST] + each_alone(binary), work / "run")


def conflicts(binary, work):
    stay_valid(binary, "conflicts", common.shared("api-conflicts") / "cases", [DEFAULT, ALL, MOST] + each_alone(binary), work)


def corpus(binary, work):
    source = common.shared("corpus")
    names = copy(source, work / "all")
    said = fix(binary, work / "all", MOST, "corpus", allowed=(0, 1, 2))
    found = [name for name in names if said.get(name, {}).get("findings") or said.get(name, {}).get("error")]
    copy(source, work / "found", found)
    stay_valid(binary, "corpus", work / "found", [DEFAULT, ALL, MOST] + each_alone(binary), work / "run")


PARTS = {"pss": pss, "valid": valid, "conflicts": conflicts, "corpus": corpus}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--only", default=",".join(PARTS))
    args = parser.parse_args()
    only = args.only.split(",")
    for name in only:
        if name not in PARTS:
            parser.error("unknown part '%s'" % name)
        common.shared({"conflicts": "api-conflicts", "corpus": "corpus"}.get(name, "pss-fixtures"))
        judges.build("psa-oracle" if name == "pss" else "k8s-validate")  # what cannot run is skipped before anything has failed
    for name in only:
        work = pathlib.Path(tempfile.mkdtemp(prefix="oakum-fixtures."))
        try:
            PARTS[name](args.binary, work)
        finally:
            shutil.rmtree(work)
        sys.stdout.flush()
    return common.verdict(failures)


if __name__ == "__main__":
    sys.exit(main())
