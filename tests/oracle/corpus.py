#!/usr/bin/env python3
"""Runs the program over every manifest of the shared corpus and compares what it says with what it does.

usage: corpus.py BINARY [--variants plain,crlf,bom,nonl] [--options default,all,exempt,auto,also] [--jobs 2]

For each variant of the files and each set of options, on a copy: `check`, `diff` (JSON and text) and `fix`, then `fix`
again. Nothing is believed: edits are spliced by own code, data are compared through libyaml, git applies the diff.
Exit status: 0 all holds, 1 something does not, 77 there is no corpus.
"""
import argparse
import collections
import multiprocessing
import os
import pathlib
import re
import shutil
import sys
import tempfile

import common

SUFFIXES = (".yaml", ".yml", ".json")
BOM = b"\xef\xbb\xbf"
MODE = 0o640  # an unusual one: it has to survive


def to_crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def to_bom(data):
    return data if data.startswith(BOM) else BOM + data


def to_nonl(data):
    for end in (b"\r\n", b"\n"):
        if data.endswith(end):
            return data[: -len(end)]
    return data


VARIANTS = {"plain": lambda data: data, "crlf": to_crlf, "bom": to_bom, "nonl": to_nonl}
OPTIONS = {
    "default": [],
    "all": ["--fix=all", "--profile", "hardened", "--runtime-class", "gvisor", "--enforce", "baseline"],
    "exempt": ["--today", "2026-06-01", "--config", str(pathlib.Path(__file__).resolve().parent / "exempt.yaml")],
    "auto": ["--enforce", "auto"],
    "also": ["--fix=all", "--profile", "hardened", "--also", "tmp-volume,host-path-removal"],
}


# ---- comparing data ----


class Lost(Exception):
    """A reported path does not lead anywhere."""


class Shrinking(list):
    """A list from which items were removed that the report does not name."""


def with_change(tree, path, change):
    """`tree` with one change applied; what is on the way is copied, as aliases may share it.

    A removed list item becomes None until the comparison: indices must not shift.
    """
    if not path:
        return changed(tree, change)
    step, rest = path[0], path[1:]
    if isinstance(tree, list):
        if not isinstance(step, int) or step >= len(tree):
            raise Lost
        return tree[:step] + [with_change(tree[step], rest, change)] + tree[step + 1:]
    if tree is None or tree == common.NULL:
        tree = {}
    if not isinstance(tree, dict):
        raise Lost
    new = dict(tree)
    below = with_change(tree.get(str(step)), rest, change)
    new.pop(str(step), None)
    if below is not None:
        new[str(step)] = below
    return new


def changed(leaf, change):
    """None: it goes."""
    op = change["op"]
    value = None if change.get("value") is None else common.from_json(change["value"])
    if op == "set":
        return common.NULL if value is None else value
    if op == "append":
        items = leaf if isinstance(leaf, list) else []
        return items if value in items else type(items)(items + [value])
    if op != "remove":
        raise Lost
    if not isinstance(leaf, list):
        return None
    return Shrinking(leaf) if value is None else [item for item in leaf if item != value]


def is_hollow(tree):
    """Nothing is left of it but brackets."""
    if isinstance(tree, dict):
        return all(map(is_hollow, tree.values()))
    return tree is None or isinstance(tree, Shrinking) or tree == []


def is_subsequence(short, long):
    rest = iter(long)
    return all(item in rest for item in short)


def differences(want, got, path, removals):
    """The paths at which the new data are not what the plan makes of the old ones.

    A removal may take the mappings with it that it emptied.
    """
    if isinstance(want, dict) and isinstance(got, dict):
        for key in want.keys() | got.keys():
            here = path + (key,)
            if key not in got:
                if not (is_hollow(want[key]) and any(r[: len(here)] == here for r in removals)):
                    yield here
            elif key not in want:
                yield here
            else:
                yield from differences(want[key], got[key], here, removals)
    elif isinstance(want, list) and isinstance(got, list):
        kept = [(i, item) for i, item in enumerate(want) if item is not None]
        if len(kept) != len(got):
            if not (isinstance(want, Shrinking) and is_subsequence(got, want)):
                yield path
            return
        for (i, item), other in zip(kept, got):
            yield from differences(item, other, path + (str(i),), removals)
    elif want != got:
        yield path


def dotted(path):
    return ".".join(map(str, path)) or "the root"


def data_faults(before, after, changes):
    """Compares two texts document by document. Returns (was it comparable, faults)."""
    try:
        old = common.documents(before)
    except common.Unreadable:
        return False, []
    try:
        new = common.documents(after)
    except common.Unreadable as error:
        return True, ["does not parse any more: %s" % error]
    if len(old) != len(new):
        return True, ["had %d documents, has %d" % (len(old), len(new))]
    faults = []
    removals = collections.defaultdict(list)
    for change in changes:
        doc, path = change["doc"], change["path"]
        if not 0 <= doc < len(old):
            faults.append("a change in document %d of %d" % (doc, len(old)))
            continue
        if change["op"] == "remove":
            removals[doc].append(tuple(map(str, path)))
        try:
            old[doc] = with_change(old[doc], path, change)
        except Lost:
            faults.append("document %d: the reported path %s leads nowhere" % (doc, dotted(path)))
    for i, (want, got) in enumerate(zip(old, new)):
        for path in differences(want, got, (), removals[i]):
            faults.append("document %d: %s is not what the plan says" % (i, dotted(path)))
    return True, faults[:3]


# ---- comparing bytes ----


def byte_faults(before, after, edits):
    faults = []
    try:
        want, back = common.splice(before, edits)
        if after != want:
            return ["is not the input with the reported edits"]
        if common.splice(after, back)[0] != before:
            faults.append("undoing the edits does not give back the input")
    except ValueError as error:
        return [str(error)]
    if b"\r\n" in before and before.count(b"\n") == before.count(b"\r\n"):
        if after.count(b"\n") != after.count(b"\r\n") or after.count(b"\r") != after.count(b"\r\n"):
            faults.append("had CRLF only, has mixed line endings")
    elif b"\r" not in before and b"\r" in after:
        faults.append("had LF only, has mixed line endings")
    if before.startswith(BOM) != after.startswith(BOM):
        faults.append("lost or got a byte order mark")
    if before.endswith(b"\n") != after.endswith(b"\n"):
        faults.append("lost or got a final newline")
    return faults


def compare(job):
    """One changed file, in a worker."""
    name, before, after, edits, changes = job
    faults = byte_faults(before, after, edits)
    comparable, more = data_faults(before, after, changes)
    return name, comparable, faults + more


# ---- the diff ----

HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def diff_lines(patch):
    """Yields (file, '-' or '+', line number from 0) for every changed line of a unified diff."""
    name, old, new, old_left, new_left = None, 0, 0, 0, 0
    for line in patch.split(b"\n"):
        kind = line[:1]
        if old_left <= 0 and new_left <= 0:
            if line.startswith(b"--- "):
                name = os.path.normpath(line[4:].split(b"\t")[0].rstrip(b"\r").decode().replace("a/", "", 1))
            match = HUNK.match(line)
            if match:
                old, new = int(match[1]) - 1, int(match[3]) - 1
                old_left, new_left = int(match[2] or 1), int(match[4] or 1)
        elif kind == b"\\":
            continue
        elif kind == b"-":
            yield name, "-", old
            old, old_left = old + 1, old_left - 1
        elif kind == b"+":
            yield name, "+", new
            new, new_left = new + 1, new_left - 1
        else:
            old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1


def line_spans(data):
    spans, start = [], 0
    for line in data.split(b"\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def is_touched(span, ranges):
    """Does a range change this line, its line break included? (A range that is empty is an insertion.)"""
    start, end = span
    return any(a <= end and (b > start or a == b >= start) for a, b in ranges)


def collateral(patch, inputs, outputs, edits):
    """The changed lines of the diff in which no edit was planned."""
    cache, lines = {}, []
    for name, sign, number in diff_lines(patch):
        if (name, sign) not in cache:
            back = common.splice(inputs[name], edits[name])[1] if name in edits else []
            ranges = [(e[0], e[1]) for e in (edits.get(name, []) if sign == "-" else back)]
            cache[name, sign] = line_spans((inputs if sign == "-" else outputs).get(name, b"")), ranges
        spans, ranges = cache[name, sign]
        if number >= len(spans) or not is_touched(spans[number], ranges):
            lines.append("%s: collateral line %s%d" % (name, sign, number + 1))
    return lines


def apply_faults(patch, inputs, outputs, folder):
    """Lets git apply the diff to a second copy of the files that it names."""
    os.mkdir(folder)
    for name in outputs:
        put(folder, name, inputs[name])
    (folder.parent / "all.diff").write_bytes(patch)
    if not patch:
        return ["the diff is empty, yet files changed"] if outputs else []
    for more in (["--check"], []):
        result = common.run(["git", "apply", "--whitespace=nowarn"] + more + ["../all.diff"], cwd=folder)
        if result.returncode != 0:
            return ["git apply: " + result.stderr.decode("utf-8", "replace")[:600]]
    return ["%s: git apply gives other bytes than fix" % name
            for name, want in outputs.items() if (folder / name).read_bytes() != want]


# ---- one run ----


def put(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(MODE)


def states(folder, names):
    """What changes when a file is written, renamed over, or only touched."""
    out = {}
    for name in names:
        st = os.stat(folder / name)
        out[name] = (st.st_ino, st.st_mtime_ns, st.st_ctime_ns, st.st_mode, st.st_size)
    return out


def strays(folder, names):
    found = {os.path.relpath(os.path.join(at, f), folder) for at, _, files in os.walk(folder) for f in files}
    return sorted(found ^ set(names))


class Round:
    """One variant with one set of options."""

    def __init__(self, binary, options, jobs):
        self.command = [binary]
        self.options = options
        self.jobs = jobs
        self.failures = []
        self.outcomes = collections.Counter()
        self.errors = collections.Counter()
        self.exempt = 0
        self.collateral = 0
        self.changed = 0

    def fail(self, what):
        self.failures.append(what)

    def oakum(self, folder, verb, *more, jobs=None):
        command = self.command + [verb, "--jobs", jobs or self.jobs] + list(more) + self.options + ["."]
        result = common.run(command, cwd=folder)
        reason = common.death(result)
        if reason:
            self.fail("%s %s: %s" % (verb, " ".join(more), reason))
        return result.stdout

    def report(self, folder, verb):
        """The JSON of a run, by file."""
        try:
            entries = common.json_lines(self.oakum(folder, verb, "--format", "json"))
            return {os.path.normpath(e["file"]): e for e in entries}
        except (ValueError, KeyError, TypeError) as error:
            self.fail("%s --format json: %s: %s" % (verb, type(error).__name__, error))
            return {}

    def edits(self, report, inputs):
        out = {}
        for name, entry in report.items():
            try:
                edits = common.edits_of(entry)
            except (ValueError, KeyError) as error:
                self.fail("%s: %s" % (name, error))
                continue
            if edits and name in inputs:
                out[name] = edits
            elif name not in inputs:
                self.fail("%s: reported, but no file of the tree" % name)
        return out

    def count(self, report):
        for name, entry in report.items():
            for finding in entry.get("findings") or []:
                self.outcomes[finding["outcome"]] += 1
            text = (entry.get("error") or {}).get("text")
            if text:
                self.errors[re.sub(r"'[^']*'|\d+", "…", text)] += 1
                if re.search("verif|internal", text):
                    self.fail("%s: %s" % (name, text))

    def run(self, folder, inputs, pool):
        first = states(folder, inputs)
        self.oakum(folder, "check")
        planned = self.edits(self.report(folder, "diff"), inputs)
        patch = self.oakum(folder, "diff")
        if self.oakum(folder, "diff", jobs=1) != patch:
            self.fail("diff: the number of threads shows in the output")
        if states(folder, inputs) != first:
            self.fail("check or diff wrote something")

        report = self.report(folder, "fix")
        self.count(report)
        fixed = self.edits(report, inputs)
        second = states(folder, inputs)
        outputs = self.written(folder, inputs, first, second, planned, fixed)
        self.compare(inputs, outputs, planned, report, pool)

        for line in collateral(patch, inputs, outputs, planned):
            self.collateral += 1
            self.fail(line)
        for reason in apply_faults(patch, inputs, outputs, folder.parent / "patched"):
            self.fail(reason)

        self.oakum(folder, "fix")
        third = states(folder, inputs)
        for name in inputs:
            if third[name] != second[name]:
                self.fail("%s: a second run writes it again" % name)
        for name in strays(folder, inputs):
            self.fail("%s: left behind or gone" % name)

    def written(self, folder, inputs, first, second, planned, fixed):
        """The files that fix wrote; those that it should have left alone are failures."""
        outputs = {}
        for name, before in inputs.items():
            if planned.get(name) != fixed.get(name):
                self.fail("%s: fix reports other edits than diff" % name)
            if second[name] != first[name]:
                outputs[name] = (folder / name).read_bytes()
                if name not in planned:
                    self.fail("%s: no edit was planned, yet it was %s"
                              % (name, "opened for writing" if outputs[name] == before else "changed"))
            elif name in planned:
                self.fail("%s: edits were planned, yet it was not written" % name)
            if second[name][3] != first[name][3]:
                self.fail("%s: its mode changed" % name)
        self.changed = len(outputs)
        return outputs

    def compare(self, inputs, outputs, planned, report, pool):
        jobs = []
        for name, after in outputs.items():
            changes = [change for finding in report.get(name, {}).get("findings") or []
                       if finding["outcome"] == "fixed" for change in finding.get("changes") or []]
            jobs.append((name, inputs[name], after, planned.get(name, []), changes))
        for name, comparable, faults in pool.imap_unordered(compare, jobs, chunksize=16):
            self.exempt += not comparable
            for fault in faults:
                self.fail("%s: %s" % (name, fault))


def read_corpus():
    root = common.shared("corpus")
    files = {str(p.relative_to(root)): p.read_bytes()
             for p in sorted(root.rglob("*")) if p.suffix in SUFFIXES and p.is_file() and not p.is_symlink()}
    if not files:
        common.skip("no corpus (%s is empty)" % root)
    return files


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).rjust(width) if i > 1 else str(cell).ljust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--options", default=",".join(OPTIONS))
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    args.variants, args.options = args.variants.split(","), args.options.split(",")
    for name in set(args.variants) - set(VARIANTS) | set(args.options) - set(OPTIONS):
        parser.error("unknown variant or option set '%s'" % name)
    return args


OUTCOMES = ("fixed", "open", "held", "manual", "ignored", "refused")


def main():
    args = parse_arguments()
    corpus = read_corpus()
    rows = [("variant", "options", "files", "changed") + OUTCOMES + ("errors", "not comparable", "collateral", "failures")]
    errors, failures = {}, []
    with multiprocessing.Pool(args.jobs) as pool:
        for variant in args.variants:
            inputs = {name: VARIANTS[variant](data) for name, data in corpus.items()}
            for options in args.options:
                one = Round(args.binary, OPTIONS[options], args.jobs)
                work = pathlib.Path(tempfile.mkdtemp(prefix="oakum-corpus."))
                try:
                    for name, data in inputs.items():
                        put(work / "tree", name, data)
                    one.run(work / "tree", inputs, pool)
                    if not one.changed:
                        one.fail("no file of the corpus was changed: was anything tested?")
                finally:
                    shutil.rmtree(work)
                rows.append((variant, options, len(inputs), one.changed) + tuple(one.outcomes[o] for o in OUTCOMES)
                            + (sum(one.errors.values()), one.exempt, one.collateral, len(one.failures)))
                for text, count in one.errors.items():
                    errors[text] = max(count, errors.get(text, 0))
                failures += ["%s/%s: %s" % (variant, options, reason) for reason in one.failures]
    table(rows)
    for text, count in sorted(errors.items(), key=lambda e: (-e[1], e[0])):
        print("%6d files at most: %s" % (count, text))
    return common.verdict(failures)


if __name__ == "__main__":
    sys.exit(main())
