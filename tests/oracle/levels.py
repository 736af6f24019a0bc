#!/usr/bin/env python3
"""Do oakum and the official Pod Security evaluator agree about every workload of the corpus, before a fix and after it?

usage: levels.py BINARY

For each pod that the evaluator can judge, at baseline and restricted, of the newest policy and of an old one:
  no workload that fails is without a finding of that level; none that passes has one;
  after `fix`, what still fails is exactly what has a finding that was not fixed;
  the levels that the HTML page gives the workload, before and after, are those that it passes.
Prints the share of workloads that pass before, after `fix`, after `fix --fix=all`, and why the rest does not.
Exit status: 0 all holds, 1 something does not, 77 there is no corpus or no Go.
"""
import collections
import html
import os
import pathlib
import re
import shutil
import sys
import tempfile

import yaml

import common
import judges

LEVELS = ("baseline", "restricted")
OLD = "v1.24"
# The evaluator takes any mapping of the shape of a pod for one. These are none that anybody applies: the question of an admission
# webhook, and values of a chart.
NO_WORKLOADS = {"AdmissionReview", "HelmRelease"}
failures = []


def key_of(name, document, kind, object_name):
    return os.path.normpath(name), document, kind, object_name


def containers_of(pod):
    return [c for key in ("containers", "initContainers") for c in (pod.get(key) or []) if isinstance(c, dict)]


def is_merge_patch(document):
    """Would the API server refuse it, as it has no selector, and a container without an image? Then it is merged into something that
    nobody sees here, and the evaluator judges a part."""
    spec = document.get("spec")
    if document.get("kind") not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob") or not isinstance(spec, dict):
        return False
    for key in ("jobTemplate", "spec", "template", "spec"):
        spec = spec.get(key, spec if key != "template" else {}) if isinstance(spec, dict) else {}
    return ("selector" not in document["spec"] and isinstance(spec, dict) and
            any("image" not in c for c in containers_of(spec)))


def merge_patches(folder):
    found = set()
    for path in folder.rglob("*"):
        if path.suffix not in (".yaml", ".yml", ".json"):
            continue
        try:
            documents = list(yaml.load_all(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError):
            continue
        for d in documents:
            if isinstance(d, dict) and is_merge_patch(d):
                found.add((str(path.relative_to(folder)), d["kind"], (d.get("metadata") or {}).get("name", "")))
    return found


def evaluate(folder, version="latest"):
    """(file, document, kind, name) → level → the reasons why it fails; an empty list: it passes."""
    pods = collections.defaultdict(lambda: {level: [] for level in LEVELS})
    unsure, patches = set(), merge_patches(folder)
    command = [judges.build("psa-oracle"), "--level", ",".join(LEVELS), "--version", version]
    for line in judges.lines(command, folder):
        key = key_of(line["file"], line["doc"], line.get("kind", ""), line.get("name", ""))
        if line.get("kind") in NO_WORKLOADS or (key[0], key[2], key[3]) in patches:
            continue
        if line.get("decodeError") or line.get("strictErrors"):
            unsure.add(key)
            continue
        pods[key][line["level"]] += [reason.split(" (", 1)[0] for reason in line.get("reasons") or []]
    return {key: levels for key, levels in pods.items() if key not in unsure}


def findings(binary, folder, verb, options):
    """The same keys → the findings that belong to a level; and the files that were refused as a whole."""
    result = common.run([binary, verb, "--format", "json", "--profile", "restricted"] + options + ["."], cwd=folder)
    reason = common.death(result)
    if reason:
        failures.append("%s %s: %s" % (verb, " ".join(options), reason))
    found, refused = collections.defaultdict(list), set()
    for entry in common.json_lines(result.stdout):
        name = os.path.normpath(entry["file"])
        if entry.get("error"):
            refused.add(name)
        for f in entry["findings"]:
            if f["level"] != "none":
                found[key_of(name, f["document"], f["kind"], f["name"])].append(f)
    return found, refused


def is_of(finding, level):
    return finding["level"] == "baseline" or level == "restricted"


def compare(what, verdicts, found, refused):
    """Every failing workload has a finding, every finding belongs to a failing workload."""
    for key, levels in sorted(verdicts.items()):
        if key[0] in refused:
            continue
        for level in LEVELS:
            ours = [f for f in found.get(key, []) if is_of(f, level)]
            if levels[level] and not ours:
                failures.append("%s: %s fails %s (%s), and nothing is said" % (what, key, level, levels[level][0]))
            if ours and not levels[level]:
                failures.append("%s: %s passes %s, and is told %s" % (what, key, level, ours[0]["patch"]))


PICTURED = re.compile(r'<summary><h3><span>([^<]*)</span> ([^<]*)</h3> <span class="level"><span class="is-(\w+)">[^<]*</span>'
                      r'(?: → <span class="is-(\w+)">)?.*?<code>([^<]*):\d+</code></span></summary>')


def passed(levels):
    return "privileged" if levels["baseline"] else "baseline" if levels["restricted"] else "restricted"


def compare_pictures(binary, folder, before, after, refused):
    """The levels in the HTML page. Its workloads are known by file, kind and name: of those with the same, none is compared."""
    result = common.run([binary, "check", "--format", "html", "."], cwd=folder)
    pictured, judged = collections.defaultdict(list), collections.defaultdict(list)
    for kind, name, was, becomes, path in PICTURED.findall(result.stdout.decode()):
        key = os.path.normpath(html.unescape(path)), html.unescape(kind), html.unescape(name)
        pictured[key].append((was, becomes or was))
    for key, levels in before.items():
        if key in after and key[0] not in refused:
            judged[key[0], key[2], key[3]].append((passed(levels), passed(after[key])))
    compared = [key for key, list_ in judged.items() if len(list_) == 1 and len(pictured[key]) == 1]
    for key in compared:
        if pictured[key] != judged[key]:
            failures.append("html: %s: %s, and the evaluator says %s" % (key, pictured[key], judged[key]))
    print("%d workloads compared with those of the HTML page" % len(compared))
    if len(compared) < len(before) // 2:
        failures.append("html: only %d of %d workloads were found in the page" % (len(compared), len(before)))


def count(verdicts, level):
    return sum(not levels[level] for levels in verdicts.values())


def tell_rest(what, verdicts, found, refused):
    """Why workloads still fail restricted: by what oakum says of them."""
    reasons = collections.Counter()
    for key, levels in verdicts.items():
        if not levels["restricted"]:
            continue
        if key[0] in refused:
            reasons["the file was refused (a template, no valid YAML)"] += 1
        for f in {(f["patch"], f["outcome"]): f for f in found.get(key, [])}.values():
            reasons["%s: %s" % (f["outcome"], f["patch"])] += 1
    print("left after %s:" % what)
    for reason, number in reasons.most_common():
        print("  %5d  %s" % (number, reason))


def read(source, work):
    for path in sorted(source.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file() and not path.is_symlink():
            target = work / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def one_run(binary, work, options, verdicts, version="latest"):
    name = "fix " + " ".join(options)
    found, refused = findings(binary, work, "fix", options)
    left = {key: [f for f in list_ if f["outcome"] != "fixed"] for key, list_ in found.items()}
    after = {key: levels for key, levels in evaluate(work, version).items() if key in verdicts}
    compare(name, after, left, refused)
    return after, left, refused


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    source = common.shared("corpus")
    judges.build("psa-oracle")
    work = pathlib.Path(tempfile.mkdtemp(prefix="oakum-levels."))
    try:
        for name in ("default", "all", "old"):
            read(source, work / name)
        before = evaluate(work / "default")
        if not before:
            failures.append("no workload was judged: was anything tested?")
        found, refused = findings(binary, work / "default", "check", [])
        compare("check", before, found, refused)
        read(source, work / "page")
        default = one_run(binary, work / "default", [], before)
        compare_pictures(binary, work / "page", before, default[0], default[2])
        everything = one_run(binary, work / "all", ["--fix=all"], before)
        of_old = ["--kube-version", OLD]
        old = evaluate(work / "old", OLD)
        compare("check " + OLD, old, *findings(binary, work / "old", "check", of_old))
        one_run(binary, work / "old", ["--fix=all"] + of_old, old, OLD)
    finally:
        shutil.rmtree(work)
    print("%d workloads      baseline  restricted" % len(before))
    for what, verdicts in (("before", before), ("after fix", default[0]), ("after fix --fix=all", everything[0])):
        print("%-20s %8d  %10d" % (what, count(verdicts, "baseline"), count(verdicts, "restricted")))
    tell_rest("fix", *default)
    tell_rest("fix --fix=all", *everything)
    return common.verdict(failures)


if __name__ == "__main__":
    sys.exit(main())
