#!/usr/bin/env python3
"""Runs the YAML test suite through the program's parser and editor.

usage: yaml_suite.py YAML_PROBE

YAML_PROBE reads YAML on stdin. `parse` exits 0 (accepted) or 1 (rejected). `insert` adds the entry `oakum-probe` to each
mapping in turn and prints for each a JSON line {"verified": bool, "text": the new text if verified}. An insertion may be
refused, but what is verified must be the old data plus that one key, as libyaml reads it.
Exit status: 0 all holds, 1 something does not, 77 there is no suite.
"""
import collections
import pathlib
import sys

import yaml

import common

KEY = "oakum-probe"

# Case → why the program may see it differently from the suite. A difference that is gone is a failure, too.
PERCENT = "a line that starts with % and is no %YAML or %TAG is refused: libfyaml 0.7.12 may hang on it"
SLOPPY = "flow style and quoted text may stand at the column of their parent: Go accepts it, and real files have it"
TAB = "a line of block style that begins with a tab is refused: libyaml and Go refuse it, too"
DIFFERENCES = {
    "2LFX": PERCENT,
    "6CA3": TAB,
    "6LVF": PERCENT,
    "9C9N": SLOPPY,
    "DK95/03": TAB,
    "DK95/04": TAB,
    "DK95/05": TAB,
    "DK95/07": TAB,
    "M7A3": PERCENT,
    "MUS6/05": PERCENT,
    "Q5MG": TAB,
    "QB6E": SLOPPY,
    "VJP3/00": SLOPPY,
    "W4TN": PERCENT,
    "Y79Y/003": SLOPPY,
}


def cases(root):
    """(id, text, is it valid). A case with several texts has a folder for each."""
    for path in sorted(root.glob("**/in.yaml")):
        name = str(path.parent.relative_to(root))
        if name.split("/")[0] not in ("name", "tags"):  # the same cases, by other names
            yield name, path.read_bytes(), not (path.parent / "error").exists()


def plain(node, seen=()):
    """A node as nested tuples, in order, without the probe's keys. Tags count, styles do not."""
    if node in seen:
        return "a loop"
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    seen = seen + (node,)
    if isinstance(node, yaml.SequenceNode):
        return node.tag, tuple(plain(item, seen) for item in node.value)
    return node.tag, tuple((plain(k, seen), plain(v, seen)) for k, v in node.value if not is_probe(k))


def is_probe(key):
    return isinstance(key, yaml.ScalarNode) and key.value == KEY


def probes(nodes):
    """How many probe keys there are; a mapping that aliases reach counts once."""
    seen, todo, count = set(), list(nodes), 0
    while todo:
        node = todo.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        for item in node.value:
            if isinstance(item, tuple):
                count += is_probe(item[0])
                todo += item
            else:
                todo.append(item)
    return count


def insertion_fault(old, text):
    """What is wrong with a verified insertion; None: nothing."""
    try:
        new = common.compose(text.encode())
    except common.Unreadable as error:
        return "libyaml cannot read it: %s" % error
    if len(old) != len(new):
        return "it has %d documents instead of %d" % (len(new), len(old))
    if probes(new) != 1:
        return "it has %d new keys" % probes(new)
    if [plain(node) for node in old] != [plain(node) for node in new]:
        return "it has other data"
    return None


class Suite:
    def __init__(self, probe):
        self.probe = probe
        self.counts = collections.Counter()
        self.failures = []

    def fail(self, name, what):
        self.failures.append("%s: %s" % (name, what))

    def run(self, name, verb, text, allowed):
        result = common.run([self.probe, verb], stdin=text, timeout=60)
        reason = common.death(result, allowed)
        if reason:
            self.fail(name, "%s: %s" % (verb, reason))
        return result

    def parse(self, name, text, is_valid):
        """Compares accept and reject. Returns whether the text was accepted."""
        is_accepted = self.run(name, "parse", text, (0, 1)).returncode == 0
        self.counts["accepted" if is_accepted else "rejected"] += 1
        if is_accepted != is_valid:
            self.counts["differs"] += 1
            if name not in DIFFERENCES:
                self.fail(name, "%s, the suite says %s"
                          % (("accepted", "invalid") if is_accepted else ("rejected", "valid")))
        elif name in DIFFERENCES:
            self.fail(name, "agrees with the suite now: take it off the list (%s)" % DIFFERENCES[name])
        return is_accepted

    def insert(self, name, text):
        result = self.run(name, "insert", text, (0,))
        try:
            lines = common.json_lines(result.stdout)
        except ValueError as error:
            self.fail(name, "insert prints no JSON: %s" % error)
            return
        try:
            old = common.compose(text)
        except common.Unreadable:
            old = None
        for i, line in enumerate(lines):
            if not line["verified"]:
                self.counts["refused"] += 1
                continue
            self.counts["verified"] += 1
            if old is None:
                self.counts["not comparable"] += 1
                continue
            fault = insertion_fault(old, line["text"])
            if fault:
                self.counts["wrong"] += 1
                self.fail(name, "mapping %d: verified, but %s:\n%s" % (i, fault, line["text"]))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    suite = Suite(str(pathlib.Path(sys.argv[1]).resolve()))
    known = set()
    for name, text, is_valid in cases(common.shared("yaml-test-suite")):
        known.add(name)
        if suite.parse(name, text, is_valid) and is_valid:
            suite.insert(name, text)
    for name in set(DIFFERENCES) - known:
        suite.fail(name, "is on the list of differences, but not in the suite")
    if not suite.counts["verified"]:
        suite.fail("the suite", "no insertion was verified: was anything tested?")
    counts = suite.counts
    print("%d cases: %d accepted, %d rejected; %d differ from the suite" % (
        len(known), counts["accepted"], counts["rejected"], counts["differs"]))
    for name, cause in sorted(DIFFERENCES.items()):
        print("  %s: %s" % (name, cause))
    print("insertions: %d verified (%d of them in texts that libyaml cannot read), %d refused, %d wrong" % (
        counts["verified"], counts["not comparable"], counts["refused"], counts["wrong"]))
    for reason in suite.failures[:20]:
        print("FAIL " + reason)
    if len(suite.failures) > 20:
        print("FAIL and %d more" % (len(suite.failures) - 20))
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
