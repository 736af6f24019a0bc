#!/usr/bin/python3
"""`oakum fn` as a host sees it: a ResourceList in, all of it out.    usage: krm.py OAKUM [Class.test…]"""
import glob
import json
import os
import re
import subprocess
import sys
import time
import unittest

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
OAKUM = None
HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
POD = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
  annotations:
    config.kubernetes.io/index: '{index}'
    config.kubernetes.io/path: 'legacy.yaml'
    internal.config.kubernetes.io/index: '{index}'
    internal.config.kubernetes.io/path: 'pods.yaml'
    internal.config.kubernetes.io/seqindent: compact
spec:
  containers:
  - name: web   # a comment
    image: registry.example/web:1
    securityContext:
      privileged: true
      runAsUser: 0
"""


def run(text, *options, command="fn"):
    ran = subprocess.run([OAKUM, command, *options], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def as_item(text):
    """A document as an item of a list in block style, byte for byte, but for the indentation."""
    lines = text.splitlines()
    return "".join(("- " if i == 0 else "  " if line else "") + line + "\n" for i, line in enumerate(lines))


def list_of(documents, head=HEAD):
    return head + "items:\n" + "".join(as_item(d) for d in documents)


def pods(count):
    return [POD.format(name=f"pod-{i}", index=i) for i in range(count)]


def spec(**keys):
    config = {"apiVersion": "oakum.dev/v1alpha1", "kind": "Harden", "metadata": {"name": "x"}, "spec": keys}
    return HEAD + "functionConfig: " + json.dumps(config) + "\n"


def results_of(text):
    return yaml.safe_load(text).get("results") or []


class Alone(unittest.TestCase):
    """What becomes of an item is what `oakum fix` makes of the same object in a file of its own."""

    def texts(self):
        paths = glob.glob(os.path.join(TESTS, "cases", "*", "*", "input.yaml")) + glob.glob(os.path.join(TESTS, "..", "examples", "broken", "*.yaml"))
        for path in sorted(paths):
            # Of an empty block scalar, only one of the two readers can read what stands behind it; which of them reads the list depends
            # on the other items. And a key `x-…` is set aside at the top of a document, not of an item.
            if os.path.exists(os.path.join(os.path.dirname(path), "args")) or "empty-block-scalar" in path or "set-aside" in path:
                continue
            with open(path, "rb") as file:
                text = file.read()
            for part in re.split(rb"^---\n", text, flags=re.M):
                yield path, part

    def documents(self):
        """Those that can be an item as they are: in block style, without markers of documents and comments about all of it."""
        found = []
        for path, text in self.texts():
            if not text.startswith(b"apiVersion: ") or re.search(rb"\r|\t|^(---|\.\.\.|%)", text, re.M):
                continue
            try:
                text = text.decode()
                yaml.safe_load(as_item(text))
            except (UnicodeDecodeError, yaml.YAMLError):
                continue
            code, alone, _ = run(text, "-", "--no-config", command="fix")
            # A list is read as a whole: what stands behind the item must not matter, and no key may stand twice.
            as_one = run(list_of([text, "a: b\n"]))
            if code < 2 and as_one[0] == 0 and "stands twice" not in as_one[2]:
                found.append((path, text, alone))
        return found

    def test_items_are_as_files(self):
        found = self.documents()
        self.assertGreater(len(found), 150)
        # PyYAML wants each anchor once in a text: what has some is a list of its own.
        lists = [[one for one in found if "&" not in one[1]]] + [[one] for one in found if "&" in one[1]]
        changed = 0
        for documents in lists:
            code, out, err = run(list_of([text for _, text, _ in documents]))
            self.assertEqual(code, 0, err[-2000:])
            items = yaml.safe_load(out)["items"]
            self.assertEqual(len(items), len(documents))
            for item, (path, text, alone) in zip(items, documents):
                self.assertEqual(item, yaml.safe_load(alone), path)
                changed += text != alone
        self.assertGreater(changed, 100)

    def test_bytes_are_as_in_files(self):
        """Our own writing keeps every byte, too: comments, blank lines, quotes."""
        text = POD.format(name="a", index=0)
        _, alone, _ = run(text, "-", "--no-config", command="fix")
        _, out, _ = run(list_of([text, text]))
        self.assertTrue(out.startswith(list_of([alone, alone])), out)


class Results(unittest.TestCase):
    def test_all_fields(self):
        code, out, err = run(list_of(pods(2)))
        self.assertEqual(code, 0, err)
        found = [r for r in results_of(out) if r["tags"]["patch"] == "privileged"]
        self.assertEqual(found, [{
            "message": "container 'web' has all the rights of its host [privileged]: fixed: set securityContext.privileged: false",
            "severity": "info",
            "resourceRef": {"apiVersion": "v1", "kind": "Pod", "name": f"pod-{i}"},
            "field": {"path": "spec.containers[0].securityContext.privileged", "currentValue": True, "proposedValue": False},
            "file": {"path": "pods.yaml", "index": i},
            "tags": {"patch": "privileged", "outcome": "fixed", "tier": "risky"}} for i in range(2)])
        held = [r for r in results_of(out) if r["tags"]["patch"] == "root-user"]
        self.assertEqual([r["severity"] for r in held], ["warning"] * 2)
        self.assertIn("Pod 'pod-0'", err)

    def test_annotations_of_hosts_stay(self):
        before = list_of(pods(3))
        after = run(before)[1]
        for item, was in zip(yaml.safe_load(after)["items"], yaml.safe_load(before)["items"]):
            self.assertEqual(item["metadata"], was["metadata"])

    def test_legacy_annotations(self):
        text = "\n".join(line for line in pods(1)[0].splitlines() if "internal" not in line) + "\n"
        self.assertEqual(results_of(run(list_of([text]))[1])[0]["file"], {"path": "legacy.yaml", "index": 0})

    def test_existing_results_stay_first(self):
        old = {"message": "from another", "severity": "error", "tags": {"x": "y"}}
        for spelt in ("results:\n- message: from another\n  severity: error\n  tags:\n    x: y\n",
                      "results: [{message: from another, severity: error, tags: {x: y}}]\n",
                      'results: [ { "message": "from another", "severity": "error", "tags": { "x": "y" } } ]\n'):
            for text in (list_of(pods(2)) + spelt, list_of(pods(2), HEAD + spelt)):
                code, out, err = run(text)
                self.assertEqual(code, 0, err)  # an error of somebody else is none of ours
                results = results_of(out)
                self.assertEqual(results[0], old)
                self.assertEqual(results[1:], results_of(run(list_of(pods(2)))[1]))

    def test_empty_results(self):
        want = results_of(run(list_of(pods(1)))[1])
        self.assertTrue(want)
        for spelt in ("results: []\n", "results:\n", "results: ~\n", "results: null # none\n", "results: [] # none\n"):
            code, out, err = run(list_of(pods(1), HEAD + spelt))
            self.assertEqual(code, 0, err)
            self.assertEqual(results_of(out), want, spelt)

    def test_list_that_loses_an_item(self):
        text = pods(1)[0].replace("      runAsUser: 0\n", "      capabilities: {add: [NET_ADMIN, NET_BIND_SERVICE]}\n")
        found = [r["field"] for r in results_of(run(list_of([text]))[1]) if r["tags"]["patch"] == "capabilities-add"]
        self.assertEqual(found, [{"path": "spec.containers[0].securityContext.capabilities.add",
                                  "currentValue": ["NET_ADMIN", "NET_BIND_SERVICE"], "proposedValue": ["NET_BIND_SERVICE"]}])

    def test_nothing_found_changes_nothing(self):
        text = list_of(["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'b'}  # ours\n"]) + "unknown: [1,2]\n"
        self.assertEqual(run(text), (0, text, ""))

    def test_second_run(self):
        once = run(list_of(pods(2)))[1]
        twice = run(once)[1]
        self.assertEqual(yaml.safe_load(once)["items"], yaml.safe_load(twice)["items"])


class Json(unittest.TestCase):
    def test_stays_json(self):
        data = {"apiVersion": "config.kubernetes.io/v1beta1", "kind": "ResourceList", "items": [yaml.safe_load(p) for p in pods(3)]}
        want = yaml.safe_load(run(list_of(pods(3)))[1])
        for indent, separators in ((None, (",", ":")), (None, (", ", ": ")), (2, (",", ": "))):
            for more in ({}, {"results": []}, {"results": None}, {"results": [{"message": "old"}]}):
                code, out, err = run(json.dumps({**data, **more}, indent=indent, separators=separators))
                self.assertEqual(code, 0, err)
                got = json.loads(out)
                self.assertEqual(got["items"], want["items"])
                self.assertEqual(got["results"], (more.get("results") or []) + want["results"])

    def test_numbers_are_json(self):
        text = pods(1)[0].replace("runAsUser: 0", "runAsUser: 00")
        code, out, err = run(list_of([text]))
        self.assertEqual(code, 0, err)
        self.assertIn(0, [r.get("field", {}).get("currentValue") for r in results_of(out)])


class Config(unittest.TestCase):
    def test_config_map_and_own_kind(self):
        for ours, data in (({"profile": "baseline"}, "profile: baseline"),
                           ({"select": ["privileged", "seccomp"]}, "select: 'privileged, seccomp'"),
                           ({"fix": "all"}, "fix: all"), ({"force": "root-user"}, "force: root-user"),
                           ({"also": ["read-only-root"]}, "also: read-only-root"),
                           ({"runtime-class": "gvisor"}, "runtime-class: gvisor"),
                           ({"kube-version": "1.25"}, "kube-version: '1.25'"), ({"ignore": ["CKV_K8S_16"]}, "ignore: CKV_K8S_16")):
            own = run(list_of(pods(1), spec(**ours)))
            config = HEAD + "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: x}\n  data:\n    " + data + "\n"
            other = run(list_of(pods(1), config))
            self.assertEqual((own[0], other[0]), (0, 0), own[2] + other[2])
            self.assertEqual(yaml.safe_load(own[1])["items"], yaml.safe_load(other[1])["items"])
            self.assertEqual(results_of(own[1]), results_of(other[1]))
        self.assertNotEqual(run(list_of(pods(1), spec(fix="all")))[1], run(list_of(pods(1), spec(profile="baseline")))[1])

    def test_command_line_wins(self):
        out = run(list_of(pods(1), spec(profile="restricted")), "--profile=baseline")[1]
        self.assertEqual({r["tags"]["patch"] for r in results_of(out)}, {"privileged"})

    def test_nothing_said(self):
        want = run(list_of(pods(1)))[1]
        for spelt in ("functionConfig:\n", "functionConfig: null\n", "functionConfig: {apiVersion: v1, kind: ConfigMap}\n",
                      "functionConfig: {apiVersion: oakum.dev/v1alpha1, kind: Harden, spec: }\n"):
            code, out, err = run(list_of(pods(1), HEAD + spelt))
            self.assertEqual((code, results_of(out)), (0, results_of(want)), spelt + err)

    def test_mistakes(self):
        """Nothing is changed, nothing is lost, and the mistake is among the results."""
        for config, words in ((spec(profle="baseline"), "did you mean 'profile'"), (spec(mode="chek"), "fix or check is expected"),
                              (spec(select=["privilegd"]), "did you mean 'privileged'"), (spec(profile=["baseline"]), "single value"),
                              (spec(exempt=[{"patch": "privilegd", "reason": "x"}]), "did you mean 'privileged'"),
                              (HEAD + "functionConfig: {apiVersion: v1, kind: ConfigMap, dat: {a: b}}\n", "did you mean 'data'"),
                              (HEAD + "functionConfig: {apiVersion: v1, kind: ConfigMap, data: {mode: fix, mode: check}}\n", "stands twice"),
                              (HEAD + "functionConfig: {apiVersion: v1, kind: ConfigMap, data: {select: 'a,,b'}}\n", "separated by commas"),
                              (HEAD + "functionConfig: {apiVersion: v1, kind: Pod}\n", "not 'v1 Pod'"),
                              (HEAD + "functionConfig: [1]\n", "an object is expected"),
                              (HEAD + "x: &a {profile: baseline}\nfunctionConfig: {apiVersion: v1, kind: ConfigMap, data: *a}\n", "mapping")):
            text = list_of(pods(1), config)
            code, out, err = run(text)
            self.assertEqual(code, 2, config)
            self.assertIn(words, err)
            self.assertTrue(out.startswith(text), out)
            self.assertEqual([r["severity"] for r in results_of(out)], ["error"])
            self.assertIn(words, results_of(out)[0]["message"])

    def test_check(self):
        text = list_of(pods(2), spec(mode="check"))
        code, out, err = run(text)
        self.assertEqual(code, 1, err)
        self.assertTrue(out.startswith(text), out)
        self.assertEqual({r["severity"] for r in results_of(out)}, {"error"})
        self.assertEqual({r["tags"]["outcome"] for r in results_of(out)}, {"open", "held"})
        fixed = run(list_of(pods(2), spec(fix="all")))[1]
        code, out, err = run(fixed[:fixed.index("results:")].replace('"fix": "all"', '"mode": "check"'))
        self.assertEqual((code, results_of(out), err), (0, [], ""))

    def test_exemptions(self):
        comment = pods(1)[0].replace("      privileged: true\n", "      # oakum: ignore privileged -- a debugger\n      privileged: true\n")
        note = pods(1)[0].replace("  annotations:\n", "  annotations:\n    oakum.dev/ignore: privileged -- a debugger\n")
        for text in (list_of([comment]), list_of([note]),
                     list_of(pods(1), spec(exempt=[{"patch": "privileged", "kind": "Pod", "name": "pod-*", "reason": "a debugger"}]))):
            code, out, err = run(text)
            self.assertEqual(code, 0, err)
            self.assertTrue(yaml.safe_load(out)["items"][0]["spec"]["containers"][0]["securityContext"]["privileged"])
            ignored = [r for r in results_of(out) if r["tags"]["patch"] == "privileged"]
            self.assertEqual([(r["severity"], r["tags"]["outcome"]) for r in ignored], [("info", "ignored")])
            self.assertIn("a debugger", ignored[0]["message"])

    def test_paths_are_those_of_the_items(self):
        one, other = pods(2)
        other = other.replace("'pods.yaml'", "'agents/pods.yaml'")
        exempt = [{"patch": "privileged", "path": "agents/", "reason": "a debugger"}]
        for keys in ({"exempt": exempt}, {"select": "privileged", "profiles": [{"profile": "hardened", "path": "*.txt"}], "exempt": exempt}):
            code, out, err = run(list_of([one, other], spec(**keys)))
            self.assertEqual(code, 0, err)
            self.assertEqual([i["spec"]["containers"][0]["securityContext"]["privileged"] for i in yaml.safe_load(out)["items"]], [False, True])
        profiles = [{"profile": "baseline", "path": "agents/"}]
        out = run(list_of([one, other], spec(profiles=profiles)))[1]
        self.assertEqual({r["tags"]["patch"] for r in results_of(out) if r["file"]["path"] == "agents/pods.yaml"}, {"privileged"})
        self.assertIn("seccomp", {r["tags"]["patch"] for r in results_of(out) if r["file"]["path"] == "pods.yaml"})

    def test_expired_exemption_is_told(self):
        text = pods(1)[0].replace("      privileged: true\n", "      # oakum: ignore privileged until 2020-01-01 -- x\n      privileged: true\n")
        found = [r for r in results_of(run(list_of([text]))[1]) if "expired" in r["message"]]
        self.assertEqual([(r["severity"], r["resourceRef"]["name"]) for r in found], [("warning", "pod-0")])
        exempt = [{"patch": "privileged", "until": "2020-01-01", "reason": "x"}]
        found = [r for r in results_of(run(list_of(pods(1), spec(exempt=exempt)))[1]) if "expired" in r["message"]]
        self.assertEqual(found, [{"message": "this exemption expired on 2020-01-01", "severity": "warning"}])


class Namespaces(unittest.TestCase):
    SPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"

    def label(self, documents, **keys):
        code, out, err = run(list_of(documents, spec(enforce="auto", **keys)))
        self.assertEqual(code, 0, err)
        return yaml.safe_load(out)["items"][0]["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce")

    def test_enforce_auto(self):
        pod = pods(1)[0].replace("metadata:\n", "metadata:\n  namespace: shop\n")
        good = pod.replace("      runAsUser: 0\n", "")
        self.assertEqual(self.label([self.SPACE, good]), "restricted")
        self.assertEqual(self.label([self.SPACE, good, pod]), "baseline")
        self.assertIsNone(self.label([self.SPACE, good, pod], ignore=["privileged"]))
        self.assertIsNone(self.label([self.SPACE]))

    def test_a_kustomization_blocks(self):
        good = pods(1)[0].replace("metadata:\n", "metadata:\n  namespace: shop\n").replace("      runAsUser: 0\n", "")
        other = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop\n"
        self.assertIsNone(self.label([self.SPACE, good, other]))

    def test_own_config_is_no_workload(self):
        good = pods(1)[0].replace("metadata:\n", "metadata:\n  namespace: shop\n").replace("      runAsUser: 0\n", "")
        own = "apiVersion: oakum.dev/v1alpha1\nkind: Harden\nmetadata: {name: x}\n"
        self.assertEqual(self.label([self.SPACE, good, own]), "restricted")


class Odd(unittest.TestCase):
    def test_no_items(self):
        for text in (HEAD, HEAD + "items: []\n", HEAD + "items:\n", HEAD + "items: ~\n", HEAD + "items: {}\n"[:0], HEAD + "items:\n- null\n-\n- ~\n",
                     '{"kind":"ResourceList","apiVersion":"config.kubernetes.io/v1","items":[]}', HEAD + "items: [3, text, [], {}]\n"):
            self.assertEqual(run(text), (0, text, ""))

    def test_other_input(self):
        for text, words in (("", "nothing"), ("kind: Pod\napiVersion: v1\n", "not 'v1 Pod'"), ("text", "is expected"), ("[]", "is expected"),
                            ("a: b: c\n", ""), (HEAD + "---\n" + HEAD, "another document"), (HEAD + "items: {}\n", "a list is expected at 'items'"),
                            (HEAD + "results: x\n", "a list is expected at 'results'"), (HEAD + "items: []\nitems: []\n", "stands twice"),
                            (HEAD.replace("v1", "v9"), "not 'config.kubernetes.io/v9 ResourceList'"), ("\x00", ""), (HEAD + "items: [\n", "")):
            code, out, err = run(text)
            self.assertEqual((code, out), (2, ""), text)
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1, err)
            self.assertIn("<stdin>", err)

    def test_usage(self):
        self.assertEqual(run("", "web.yaml")[0], 2)
        self.assertEqual(run("", "--config=x")[0], 2)

    def test_aliases(self):
        """An anchor in one item, its aliases in others and in the configuration's neighbourhood."""
        first = pods(1)[0].replace("    securityContext:", "    securityContext: &sc")
        second = POD.format(name="b", index=1).split("    securityContext:")[0] + "    securityContext: *sc\n"
        code, out, err = run(list_of([first, second]))
        self.assertEqual(code, 0, err)
        items = yaml.safe_load(out)["items"]
        self.assertFalse(items[0]["spec"]["containers"][0]["securityContext"]["privileged"])
        self.assertEqual(items[0]["spec"]["containers"], items[1]["spec"]["containers"])
        self.assertIn("securityContext: *sc", out)
        whole = HEAD + "items:\n- &pod\n" + "".join("  " + line + "\n" for line in pods(1)[0].splitlines()) + "- *pod\n"
        code, out, err = run(whole)
        self.assertEqual(code, 0, err)
        items = yaml.safe_load(out)["items"]
        self.assertEqual(items[0], items[1])
        self.assertFalse(items[0]["spec"]["containers"][0]["securityContext"]["privileged"])

    def test_growing_aliases(self):
        """A value that aliases blow up is not repeated in results."""
        lines = "".join(f"      v{i}: &v{i} [{', '.join(['*v%d' % (i - 1)] * 9)}]\n" if i else "      v0: &v0 [x, x, x, x]\n" for i in range(9))
        text = pods(1)[0].replace("      runAsUser: 0\n", "") + "  volumes:\n  - name: x\n    hostPath:\n" + lines
        code, out, err = run(list_of([text]))
        self.assertIn(code, (0, 2), err)
        self.assertLess(len(out), 20000)

    def test_huge_values(self):
        text = POD.format(name="x" * 1000000, index=0).replace("name: web ", "name: " + "y" * 1000000 + " ")
        text = text.replace("privileged: true", "privileged: " + "z" * 1000000)
        code, out, err = run(list_of([text]))
        self.assertEqual(code, 0, err[-500:])
        self.assertLess(len(out), 3100000)
        self.assertLess(len(err), 50000)

    def test_control_characters(self):
        text = POD.format(name='"a\\e[31m\\nb"', index=0)
        code, out, err = run(list_of([text]))
        self.assertEqual(code, 0, err)
        self.assertNotIn("\x1b", err)
        self.assertEqual(results_of(out)[0]["resourceRef"]["name"], "a\x1b[31m\nb")

    def test_duplicate_key_in_one_item(self):
        """The others are fixed."""
        twice = pods(1)[0].replace("      privileged: true\n", "      privileged: true\n      privileged: true\n")
        code, out, err = run(list_of([pods(1)[0], twice, pods(1)[0]]))
        self.assertEqual(code, 0, err)
        self.assertIn("stands twice", err)
        alone = run(pods(1)[0], "-", "--no-config", command="fix")[1]
        self.assertTrue(out.startswith(list_of([alone, twice, alone])), out)
        outcomes = {r["tags"]["outcome"] for r in results_of(out) if r["field"]["path"] == "spec.containers[0].securityContext.privileged"}
        self.assertEqual(outcomes, {"fixed", "refused"})

    def test_duplicate_key_among_aliases(self):
        """Nobody knows whom it is about."""
        twice = pods(1)[0].replace("      privileged: true\n", "      privileged: true\n      privileged: true\n").replace("spec:", "spec: &s", 1)
        text = list_of([twice, pods(1)[0].split("spec:")[0] + "spec: *s\n", pods(1)[0]])
        code, out, err = run(text)
        self.assertEqual(code, 0, err)
        self.assertTrue(out.startswith(text), out)

    def test_time_is_linear(self):
        def seconds(text):
            best = 1e9
            for _ in range(2):
                start = time.monotonic()
                code, out, err = run(text)
                best = min(best, time.monotonic() - start)
                self.assertEqual(code, 0, err[-500:])
            return best, out

        small, out = seconds(list_of(pods(1250)))
        large, _ = seconds(list_of(pods(5000)))
        self.assertLess(large, 10 * small + 1)
        again, _ = seconds(out)  # results are there already
        self.assertLess(again, 2 * large + 1)


    def test_too_many_results(self):
        """All is fixed, and how many results there would be is told. A list may have a million values."""
        text = list_of(pods(1)[:1] + ["apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"] * 15000)
        code, out, err = run(text)
        self.assertEqual(code, 0, err[-500:])
        self.assertEqual(out.count("runAsNonRoot: true"), 15001 - 1)
        tail = yaml.safe_load(out[out.index("results:"):])["results"]
        self.assertTrue(any("more results are left out" in r["message"] for r in tail))
        self.assertIn("root-user", {r.get("tags", {}).get("patch") for r in tail})


class Write(unittest.TestCase):
    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            ran = subprocess.run([OAKUM, "fn"], input=list_of(pods(1)).encode(), stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(ran.returncode, 2)
        self.assertIn(b"cannot write the output", ran.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    OAKUM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
