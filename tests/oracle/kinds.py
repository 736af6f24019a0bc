#!/usr/bin/env python3
"""The table of kinds against the program, against the list that it was made from, and against real files.

usage: kinds.py BINARY

1. For every row of src/kube/kinds.csv a manifest is made that has something forbidden at this very place. `fix` must mend
   it there. The table is read by other code than the program's.
2. Every path of data/podspec_paths.csv is covered by the table, or is left out below with a reason.
3. Every object of the corpus that holds a list of containers is of a kind in the table, at a place in the table, or is told.
Exit status: 0 all holds, 1 something does not, 77 there is no corpus.
"""
import collections
import csv
import json
import os
import pathlib
import re
import sys
import tempfile

import common

TABLE = common.ROOT / "src/kube/kinds.csv"
COLUMNS = ["group", "kind", "what", "path", "template", "context", "outer", "fields"]
LISTS = ("containers[]", "initContainers[]", "ephemeralContainers[]", "volumes[]")
SUFFIXES = (".yaml", ".yml", ".json")

# (group, kind) → why rows of the list have no row in the table. "*" is every kind of the group.
LEFT_OUT = {
    ("", "List"): "kind.*List is known to the program itself",
    ("", "Node"): "no pod",
    ("apps", "ControllerRevision"): "immutable: an edit would be refused",
    ("cluster.x-k8s.io", "*"): "no pod",
    ("networking.istio.io", "*"): "no pod",
    ("kubevirt.io", "VirtualMachine"): "a virtual machine, no pod",
    ("install.istio.io", "IstioOperator"): "gone since 1.24; an overlay of charts",
    ("helm.toolkit.fluxcd.io", "HelmRelease"): "values of a chart",
    ("argoproj.io", "Application"): "values of a chart",
    ("ais.nvidia.com", "AIStore"): "capabilities without a security context around them",
    ("actions.summerwind.dev", "*"): "ephemeral containers of a runner are lists of its pod",
}


class Row:
    def __init__(self, cells):
        self.group, self.kind, self.what, self.path, self.template, context, outer, fields = cells
        self.given = context.endswith("?")
        self.context = "" if context == "-" else context.rstrip("?") or "securityContext"
        self.outer = outer.split()
        self.only = fields.startswith("+")
        self.fields = [f[1:] for f in fields.split() if len(f) > 1 and not f.endswith("?")]

    def has(self, field):
        return (field in self.fields) == self.only

    def __str__(self):
        return "%s/%s %s" % (self.group, self.kind, self.path)


def read_table():
    with open(TABLE, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert lines[0] == COLUMNS, "the heading"
    return [Row(cells) for cells in lines[1:]]


def steps(path):
    """spec.tasks[].a → spec, tasks, [], a; [*] is a step of its own."""
    return [s for s in re.findall(r"\[\*\]|\[\]|[^.\[\]]+", path.replace(".*", ".[*]"))]


# ---- 1: planted ----


def plant(path, leaf):
    for step in reversed(steps(path)):
        leaf = [leaf] if step == "[]" else {"key" if step == "[*]" else step: leaf}
    return leaf


def dig(tree, path):
    for step in steps(path):
        tree = tree[0] if step == "[]" else tree["key" if step == "[*]" else step]
    return tree


BAD_CONTAINER = {"privileged": True}
BAD_POD = {"seccompProfile": {"type": "Unconfined"}}


def below(path, context):
    return path + "." + context if path else context


def planted(rows):
    """(row, object, path, good value) for every row in which something can be wrong."""
    for row in rows:
        if row.what == "container" and row.context:
            yield row, row.path, below(row.path, row.context), BAD_CONTAINER, ("privileged", False)
        if row.what == "pod" and row.context:
            yield row, row.path, below(row.path, row.context), BAD_POD, ("seccompProfile", {"type": "RuntimeDefault"})
        if row.what == "pod":
            for name in ("containers", "initContainers", "ephemeralContainers"):
                if row.has(name):
                    path = "%s.%s[]" % (row.path, name)
                    yield row, path, path + ".securityContext", BAD_CONTAINER, ("privileged", False)


def manifest(row, tree):
    out = {"apiVersion": (row.group + "/" if row.group else "") + "v1", "kind": row.kind, "metadata": {"name": "n"}}
    return {**out, **tree}


def check_planted(binary, rows):
    faults, cases = [], list(planted(rows))
    with tempfile.TemporaryDirectory() as folder:
        for i, (row, _, where, bad, _) in enumerate(cases):
            text = json.dumps(manifest(row, plant(where, bad)), indent=1)
            pathlib.Path(folder, "%04d.json" % i).write_text(text, encoding="utf-8")
        result = common.run([binary, "fix", "--profile", "baseline", "--fix", "all", "."], cwd=folder)
        reason = common.death(result)
        if reason:
            faults.append(reason)
        for i, (row, _, where, _, (key, good)) in enumerate(cases):
            got = dig(json.loads(pathlib.Path(folder, "%04d.json" % i).read_text(encoding="utf-8")), where)
            if got.get(key) != good:
                faults.append("%s: %s is not mended: %s" % (row, where, got))
    return len(cases), faults


# ---- 2: the list ----


def places(rows):
    """(group, kind in lower case) → all paths that the table speaks of."""
    out = collections.defaultdict(set)
    for row in rows:
        paths = out[row.group, row.kind.lower()]
        paths.add("".join(steps(row.path)))
        if row.context:
            paths.add("".join(steps(below(row.path, row.context))))
        if row.what == "pod":
            for name in LISTS:
                paths.add("".join(steps(row.path + "." + name)))
    return out


# The names of kinds that the list has from file names or has wrong.
def repaired(row):
    if row["kind"] == "kafka.strimzi.io/v1beta2":
        return "kafka.strimzi.io", "kafkamirrormaker2"
    return row["group"], row["kind"].lower()


def is_left_out(row):
    return (row["group"], row["kind"]) in LEFT_OUT or (row["group"], "*") in LEFT_OUT


def check_list(rows):
    known = places(rows)
    faults, count = [], 0
    with open(common.SHARED / "data/podspec_paths.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            count += 1
            key = repaired(row)
            path = "".join(steps(row["path"]))
            near = {p for p in known.get(key, ()) if p == path or path.startswith(p) or p.startswith(path)}
            if path not in known.get(key, ()) and not (row["embeds"] == "subset" and near) and not is_left_out(row):
                faults.append("%s/%s %s is not in the table" % (row["group"], row["kind"], row["path"]))
    return count, faults


# ---- 3: real files ----


def lists_of_containers(tree, path=""):
    if isinstance(tree, dict):
        items = tree.get("containers")
        if isinstance(items, list) and any(isinstance(i, dict) and {"name", "image"} <= i.keys() for i in items):
            yield path
        for key, value in tree.items():
            yield from lists_of_containers(value, path + "." + key if path else key)
    elif isinstance(tree, list):
        for value in tree:
            yield from lists_of_containers(value, path + "[]")


def objects(tree):
    """The objects of a document: lists and what the table calls objects are the program's to open."""
    if not isinstance(tree, dict):
        return
    kind, version = (tree.get(k, ("", ""))[1] if isinstance(tree.get(k), tuple) else "" for k in ("kind", "apiVersion"))
    if kind.endswith("List") and isinstance(tree.get("items"), list):
        for item in tree["items"]:
            yield from objects(item)
    elif kind and version:
        yield version.rpartition("/")[0], kind, tree


def matches(path, row):
    want = "".join(s if s in ("[]",) else "\0" if s == "[*]" else "." + s for s in steps(row.path))
    return re.fullmatch(re.escape(want).replace("\0", r"\.[^.\[]+"), "".join("." + s if s != "[]" else s for s in steps(path)))


def check_corpus(binary, rows):
    corpus = common.shared("corpus")
    by_kind = collections.defaultdict(list)
    for row in rows:
        by_kind[row.group, row.kind].append(row)
    result = common.run([binary, "check", "--format", "json", "."], cwd=corpus)
    told = {os.path.normpath(e["file"]): e for e in common.json_lines(result.stdout)}
    faults, count = [common.death(result)] if common.death(result) else [], 0
    for at, _, files in sorted(os.walk(corpus)):
        for name in sorted(f for f in files if f.endswith(SUFFIXES)):
            path = pathlib.Path(at, name)
            try:
                documents = common.documents(path.read_bytes())
            except common.Unreadable:
                continue
            for group, kind, tree in (o for d in documents for o in objects(d)):
                for place in lists_of_containers(tree):
                    count += 1
                    mine = by_kind.get((group, kind))
                    relative = os.path.relpath(path, corpus)
                    if mine is None and not told.get(relative, {}).get("unread"):
                        faults.append("%s: %s/%s %s is not told" % (relative, group, kind, place))
                    elif mine and mine[0].what == "pod" and not any(matches(place, r) for r in mine):
                        faults.append("%s: %s/%s has containers at %s, and the table does not" % (relative, group, kind, place))
    return count, faults


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    common.shared("corpus")
    rows = read_table()
    failed = 0
    for what, (count, faults) in (("rows planted", check_planted(binary, rows)), ("paths of the list", check_list(rows)),
                                  ("lists of containers in the corpus", check_corpus(binary, rows))):
        print("%d %s, %d faults" % (count, what, len(faults)))
        for fault in faults[:40]:
            print("  " + fault)
        failed += len(faults) + (count == 0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
