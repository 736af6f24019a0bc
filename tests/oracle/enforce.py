#!/usr/bin/env python3
"""Asks Kubernetes itself about --enforce auto: may every pod run under the label that its namespace got?

usage: enforce.py BINARY [--only fixtures,corpus] [--patches DIR]

fixtures   the official fixtures in namespaces of their own, and in pairs; fixed in several ways and versions
corpus     each folder of the corpus as a tree, with a Namespace for every namespace that its pods name
After `fix --enforce auto`, every pod of a namespace that got the label, and every pod that names no namespace, must be
allowed by the official evaluator at that level. The other way round is counted: labels that could have been stricter.
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

LABEL = "pod-security.kubernetes.io/enforce"
LEVELS = ("baseline", "restricted")
RUNS = [[], ["--fix=all"], ["--fix=safe", "--force", "namespace-labels"], ["--select", "namespace-labels"], ["--profile", "baseline"]]
VERSIONS = {None: "v1.37", "1.33": "v1.33", "1.24": "v1.24"}  # --kube-version → the evaluator's

failures = []


def evaluate(root, version):
    """Tree → [(file, namespace, {level: is it allowed})], a tree being a folder just below `root`."""
    command = [judges.build("psa-oracle"), "--level", ",".join(LEVELS), "--version", version]
    pods = {}
    for line in judges.lines(command, root):
        if line.get("decodeError") or "path" not in line or "level" not in line:
            continue
        name = os.path.normpath(line["file"])
        key = name, line["doc"], line.get("item", ""), line["path"]
        pod = pods.setdefault(key, (name, line.get("namespace", ""), {}))
        pod[2][line["level"]] = line["allowed"]
    trees = collections.defaultdict(list)
    for name, namespace, allowed in pods.values():
        trees[name.split("/")[0]].append((name, namespace, allowed))
    return trees


def labels(tree):
    """[(file, name of the Namespace, level that it enforces or None)] of a folder."""
    out = []
    for path in sorted(tree.rglob("*.yaml")) + sorted(tree.rglob("*.yml")):
        try:
            documents = common.documents(path.read_bytes())
        except (common.Unreadable, RecursionError):
            continue
        for d in documents:
            if not isinstance(d, dict) or d.get("kind") != ("str", "Namespace"):
                continue
            metadata = d.get("metadata") if isinstance(d.get("metadata"), dict) else {}
            found = metadata.get("labels") if isinstance(metadata.get("labels"), dict) else {}
            out.append((str(path.relative_to(tree)), metadata.get("name", ("", ""))[1], found.get(LABEL, ("", None))[1]))
    return out


def run(binary, tree, options):
    result = common.run([binary, "fix", "--enforce", "auto", "--exit-zero"] + options + ["."], cwd=tree)
    reason = common.death(result, allowed=(0, 2))
    if reason:
        failures.append("%s: fix %s: %s" % (tree.name, " ".join(options), reason))


def strictest(pods):
    """The level that all of them meet; None: no level."""
    met = [level for level in LEVELS if all(allowed.get(level) for _, _, allowed in pods)]
    return met[-1] if met else None


def judge(what, root, options, version, before):
    """Compares the labels of all trees below `root` with what the evaluator says. Counts them by level."""
    counts = collections.Counter()
    pods = evaluate(root, version)
    for tree in sorted(root.iterdir()):
        for file, name, level in labels(tree):
            if level in (None, "privileged") or (file, name, level) in before[tree.name]:
                continue
            counts[level] += 1
            here = [pod for pod in pods[tree.name] if pod[1] in ("", name)]
            for path, _, allowed in here:
                if not allowed.get(level):
                    failures.append("%s, fix %s: namespace '%s' of %s enforces %s, which refuses %s"
                                    % (what, " ".join(options), name, tree.name, level, path))
            if strictest(here) != level:
                counts["could be stricter"] += 1
        for file, name, level in labels(tree):
            here = [pod for pod in pods[tree.name] if pod[1] in ("", name)]
            if level is None and here and strictest(here):
                counts["none, but could be"] += 1
    print("%-9s fix %-44s %s" % (what, " ".join(options), ", ".join("%s: %d" % c for c in sorted(counts.items()))))
    return counts


# ---- trees ----


def namespace_text(name):
    return b"---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n" % name.encode()


def into_namespace(data, name):
    """A fixture, which is a Pod that names no namespace, in one."""
    return data.replace(b"\nmetadata:\n", b"\nmetadata:\n  namespace: %s\n" % name.encode(), 1)


def fixture_trees(root, version):
    """A tree with one pod for each fixture, and one with each two neighbours."""
    source = common.shared("pss-fixtures")
    files = [p for level in LEVELS for p in sorted((source / level / version).glob("*/*.yaml"))]
    for i, path in enumerate(files):
        for kind, members in (("one", [path]), ("two", [path, files[(i * 7 + 3) % len(files)]])):
            tree = root / ("%s-%03d-%s" % (kind, i, path.stem.replace("_", "-")))
            tree.mkdir(parents=True)
            (tree / "namespace.yaml").write_bytes(namespace_text("n%d" % i))
            for k, member in enumerate(members):
                (tree / ("pod%d.yaml" % k)).write_bytes(into_namespace(member.read_bytes(), "n%d" % i))


def run_fixtures(binary, work, extra):
    total = collections.Counter()
    for minor, version in VERSIONS.items():
        for i, options in enumerate(RUNS):
            root = work / ("%s-%d" % (version, i))
            fixture_trees(root, version)
            options = extra + options + (["--kube-version", minor] if minor else [])
            for tree in sorted(root.iterdir()):
                run(binary, tree, options)
            total += judge("fixtures", root, options, version, collections.defaultdict(set))
    for level in LEVELS:
        if not total[level]:
            failures.append("fixtures: no namespace enforces %s: was anything tested?" % level)


def run_corpus(binary, work, extra):
    source = common.shared("corpus")
    folders = collections.defaultdict(list)
    for path in sorted(source.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file() and not path.is_symlink():
            folders[path.parent].append(path)
    root = work / "corpus"
    for i, (folder, paths) in enumerate(sorted(folders.items())):
        tree = root / ("%04d-%s" % (i, folder.name))
        tree.mkdir(parents=True)
        for path in paths:
            (tree / path.name).write_bytes(path.read_bytes())
    named = evaluate(root, VERSIONS[None])
    before = {}
    for tree in sorted(root.iterdir()):
        names = sorted({pod[1] for pod in named[tree.name]} - {""}) + ["default"]
        (tree / "oakum-namespaces.yaml").write_bytes(b"".join(map(namespace_text, names)))
        before[tree.name] = {label for label in labels(tree) if label[2]}
    for tree in sorted(root.iterdir()):
        run(binary, tree, extra + ["--fix=all"])
    counts = judge("corpus", root, extra + ["--fix=all"], VERSIONS[None], before)
    if not counts["baseline"] + counts["restricted"]:
        failures.append("corpus: no namespace got a label: was anything tested?")


PARTS = {"fixtures": run_fixtures, "corpus": run_corpus}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--patches", type=lambda p: str(pathlib.Path(p).resolve()))
    args = parser.parse_args()
    common.shared("corpus")
    judges.build("psa-oracle")
    for name in args.only.split(","):
        work = pathlib.Path(tempfile.mkdtemp(prefix="oakum-enforce."))
        try:
            PARTS[name](args.binary, work, ["--patches", args.patches] if args.patches else [])
        finally:
            shutil.rmtree(work)
        sys.stdout.flush()
    return common.verdict(failures)


if __name__ == "__main__":
    sys.exit(main())
