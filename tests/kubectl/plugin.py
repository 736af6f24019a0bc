#!/usr/bin/python3
"""The plugin, through the real kubectl: `kubectl oakum …`.    usage: plugin.py OAKUM [Class.test…]

Objects of a cluster come from a stand-in for the API server (cluster.py). Whether a patch does what the fix does is judged by
`kubectl patch --local`, which merges as the server does. Skipped, visibly, where there is no kubectl; OAK_CI makes that a failure."""
import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))
from common import ROOT, skip  # noqa: E402
import yaml  # noqa: E402
from cluster import Cluster  # noqa: E402

OAKUM = FOLDER = ENV = None


def run(*words, folder=None, text=None, status=None):
    done = subprocess.run(words, cwd=folder, env=ENV, input=text, text=True, capture_output=True, timeout=120)
    if status is not None and done.returncode != status:
        raise AssertionError("%s: status %d, not %d\n%s\n%s" % (" ".join(words), done.returncode, status, done.stdout, done.stderr))
    return done


def kubectl_oakum(*words, **how):
    return run("kubectl", "oakum", *words, **how)


class Plain(yaml.SafeLoader):
    """Times are text, as in JSON."""


Plain.yaml_implicit_resolvers = {first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
                                 for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def deployment(name, namespace="shop", **pod):
    spec = {"containers": [{"name": "web", "image": "registry.example/web:1", "securityContext": {"privileged": True}},
                           {"name": "log", "image": "registry.example/log:1",
                            "volumeMounts": [{"name": "logs", "mountPath": "/logs"}]}],
            "volumes": [{"name": "logs", "hostPath": {"path": "/var/log/web"}}]}
    spec.update(pod)
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
            "spec": {"selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}}


def pod(name, owner=None):
    item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"containers": [{"name": "web", "image": "registry.example/web:1", "args": ["a: b", "- c", "  d\n\n e\n"]}]}}
    if owner:
        item["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": "1",
                                                "controller": True}]
    return item


def patches_of(text):
    """The commands and patches that -o patch prints."""
    found = []
    for part in text.split("---\n"):
        lines = part.splitlines()
        if len(lines) == 2:
            kind = lines[0].split("--type=")[1].split()[0]
            found.append((lines[0][2:], kind, lines[1]))
    return found


def apply(item, kind, patch):
    """What kubectl makes of the object."""
    path = os.path.join(FOLDER, "object.json")
    with open(path, "w") as file:
        json.dump(item, file)
    with open(path + ".patch", "w") as file:
        file.write("# as printed\n" + patch + "\n")
    done = run("kubectl", "patch", "--local", "-f", path, "--type=" + kind, "--patch-file=" + path + ".patch", "-o", "json", status=0)
    return json.loads(done.stdout)


class Names(unittest.TestCase):
    def test_it_calls_itself_what_people_call_it(self):
        self.assertIn("'kubectl oakum help COMMAND' lists", kubectl_oakum("--help", status=0).stdout)
        self.assertIn("kubectl oakum check [PATH…]", kubectl_oakum("help", "check", status=0).stdout)
        self.assertIn("--namespace=NAME", kubectl_oakum("check", "--help", status=0).stdout)
        self.assertNotIn("--namespace", run(OAKUM, "check", "--help", status=0).stdout)
        self.assertEqual(kubectl_oakum("chek", status=2).stderr, "kubectl oakum: chek: no such command; did you mean 'check'?\n")
        self.assertIn("'kubectl oakum patches' lists them", kubectl_oakum("explain", "zzzzzzz", status=2).stderr)

    def test_kubectl_lists_it(self):
        self.assertIn("kubectl-oakum", run("kubectl", "plugin", "list", status=0).stdout)

    def test_options_of_kubectl_have_an_answer(self):
        for words, answer in ((["fix", "--dry-run=client", "-f", "x"], "--dry-run means nothing here: 'diff' shows"),
                              (["check", "-w", "pods"], "--watch means nothing here"),
                              (["check", "-o=wide", "pods"], "-o is diff, patch, yaml or what --format can be, not 'wide'"),
                              (["check", "-o", "yaml", "pods"], "-o yaml is for 'kubectl oakum diff'"),
                              (["diff", "-l", "app=web", "-f", "x.yaml"], "a file is done as a whole"),
                              (["check", "-A"], "which objects?"),
                              (["check", "-f", "https://example.org/a.yaml"], "-f takes no address: 'curl -fsSL https://example.org/a.yaml |"),
                              (["commit", "--branch", "b", "-n", "shop"], "-n is an option of 'kubectl oakum' with check, diff and fix"),
                              (["fix", "deployment/web"], "an object of a cluster is not rewritten")):
            done = kubectl_oakum(*words, status=2, folder=FOLDER)
            self.assertIn(answer, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("--namespace is an option of 'kubectl oakum'", run(OAKUM, "check", "--namespace", "x", status=2).stderr)

    def test_completion(self):
        self.assertIn("check\t", run("kubectl", "__complete", "oakum", "che", status=0).stdout)
        self.assertIn("--all-namespaces\t", run("kubectl", "__complete", "oakum", "check", "--all", status=0).stdout)
        self.assertEqual(run("kubectl", "__complete", "oakum", "diff", "-o", "p", status=0).stdout, "patch\n:4\n")


class Files(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(dir=FOLDER)

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def read(self, path):
        with open(os.path.join(self.root, path)) as file:
            return file.read()

    def test_the_same_bytes_as_oakum(self):
        for name in ("one", "two"):
            shutil.copytree(ROOT / "examples" / "broken", os.path.join(self.root, name))
        mine = kubectl_oakum("fix", "-R", "-f=one", folder=self.root)
        theirs = run(OAKUM, "fix", "-R", "-f", "two", folder=self.root)
        self.assertEqual(mine.returncode, theirs.returncode)
        self.assertEqual(mine.stdout.replace("one/", "two/"), theirs.stdout)
        run("diff", "-r", "one", "two", folder=self.root, status=0)
        changed = run("diff", "-rq", "one", str(ROOT / "examples" / "broken"), folder=self.root, status=1).stdout
        self.assertGreater(changed.count("\n"), 3)

    def test_a_filter(self):
        text = (ROOT / "examples" / "broken" / "privileged-pod.yaml").read_text()
        self.assertEqual(kubectl_oakum("fix", "-", text=text).stdout, run(OAKUM, "fix", "-", text=text).stdout)

    def test_a_file_wins_over_a_type(self):
        self.write("deployments/web.yaml", "kind: none\n")
        self.assertIn("1 file", kubectl_oakum("check", "deployments", folder=self.root, status=0).stderr)
        done = kubectl_oakum("check", "deployments", "web", folder=self.root, status=2)
        self.assertIn("'deployments' is a file and 'web' is none", done.stderr)
        self.assertIn("no such file", kubectl_oakum("check", "missing.yaml", folder=self.root, status=2).stderr)

    def test_a_kustomization(self):
        bad = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: a, securityContext: {privileged: true}}]}\n"
        self.write("base/kustomization.yaml", "resources: [pod.yaml, 'https://example.org/x?ref=v1']\n")
        self.write("base/pod.yaml", bad % "base")
        self.write("base/unused.yaml", bad % "unused")
        self.write("part/kustomization.yml", "kind: Component\npatches: [{path: sub/patch.yaml}, {patch: 'x: 1'}]\nhelmCharts: [{name: a}]\n")
        self.write("part/sub/patch.yaml", bad % "patch")
        self.write("over/kustomization.yaml", "bases: [../base/]\ncomponents: [../part]\nresources:\n- own.yaml\n- ../base\n")
        self.write("over/own.yaml", bad % "own")
        before = self.read("base/unused.yaml")
        done = kubectl_oakum("fix", "-k", "over", "--select", "privileged", folder=self.root, status=0)
        for path in ("base/pod.yaml", "over/own.yaml", "part/sub/patch.yaml"):
            self.assertIn("privileged: false", self.read(path))
        self.assertEqual(self.read("base/unused.yaml"), before)
        for note in ("base/kustomization.yaml: note: 'https://example.org/x?ref=v1' is remote: not looked into\n",
                     "part/kustomization.yml: note: helmCharts: not looked into\n",
                     "part/kustomization.yml: note: a patch that is written in the kustomization: not looked into\n"):
            self.assertEqual(done.stderr.count(note), 1, done.stderr)
        self.assertIn("3 files rewritten", done.stderr)

    def test_a_kustomization_reaches_nothing_else(self):
        bad = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, securityContext: {privileged: true}}]}\n"
        self.write("pod.yaml", bad)
        self.write("own/kustomization.yaml", "resources: [../pod.yaml]\n")
        done = kubectl_oakum("fix", "-k", "own", folder=self.root, status=2)
        self.assertIn("'../pod.yaml' is not in the folder of the kustomization", done.stderr)
        self.assertEqual(self.read("pod.yaml"), bad)
        for text, word in (("resources: [gone.yaml]\n", "no such file"), ("{ {\n", "error"), ("a: [\n", "error")):
            self.write("own/kustomization.yaml", text)
            self.assertIn(word, kubectl_oakum("check", "-k", "own", folder=self.root, status=2).stderr)
        self.assertIn("no kustomization.yaml", kubectl_oakum("check", "-k", ".", folder=self.root, status=2).stderr)
        self.assertIn("is remote", kubectl_oakum("check", "-k", "https://example.org/x", folder=self.root, status=2).stderr)
        self.write("a/kustomization.yaml", "resources: [../b]\n")
        self.write("b/kustomization.yaml", "resources: [../a]\n")
        kubectl_oakum("check", "-k", "a", folder=self.root, status=0)  # a circle ends


class Live(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster([deployment("web"), deployment("api"), deployment("web", "billing"), pod("bare"),
                                pod("web-5d8c-x2x4z", "web-5d8c"),
                                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "spec": {}},
                                {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "roll", "namespace": "shop"},
                                 "spec": {"weight": 0.5, "template": deployment("web")["spec"]["template"]}}])
        self.addCleanup(self.cluster.close)
        self.root = tempfile.mkdtemp(dir=FOLDER)

    def oakum(self, *words, **how):
        return kubectl_oakum(words[0], "--server", self.cluster.url, *words[1:], folder=self.root, **how)

    def test_a_diff_shows_no_noise(self):
        done = self.oakum("diff", "deployment/web", "-n", "shop", status=1)
        self.assertIn("--- a/shop/deployment/web\n+++ b/shop/deployment/web\n", done.stdout)
        self.assertIn("\n-          privileged: true\n+          privileged: false\n", done.stdout)
        whole = self.oakum("diff", "deployment/web", "-n", "shop", "-o", "yaml", status=1).stdout
        for noise in ("status", "uid", "managedFields", "resourceVersion", "creationTimestamp", "last-applied", "generation"):
            self.assertNotIn(noise, whole)
        self.assertNotIn("annotations", whole)
        # What it prints is what `oakum fix` makes of it.
        again = run(OAKUM, "fix", "-", text=whole).stdout
        self.assertEqual(again, whole)
        self.assertEqual(yaml.safe_load(whole)["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"], False)
        self.assertIn("1 object: ", done.stderr)
        self.assertIn("'kubectl oakum diff TYPE/NAME -o patch' prints what 'kubectl patch' takes", done.stderr)

    def test_several_objects(self):
        done = self.oakum("check", "deploy", "-A", "-l=app=web", "-o", "json", status=1)
        self.assertEqual([json.loads(line)["file"] for line in done.stdout.splitlines()], ["shop/deployment/web", "billing/deployment/web"])
        done = self.oakum("check", "deploy", "web", "api", "--namespace=shop", status=1)
        self.assertIn("shop/deployment/api:", done.stdout)
        done = self.oakum("check", "deploy/web", "ns/shop", "-n", "shop", "--format=json", status=1)
        self.assertEqual([json.loads(line)["file"] for line in done.stdout.splitlines()], ["shop/deployment/web", "namespace/shop"])
        self.assertIn("0 objects", self.oakum("check", "deploy", "-n", "empty", status=0).stderr)

    def test_every_item_of_a_list_is_what_it_was(self):
        # Arguments that look like YAML, empty lines and all: the texts of both ways are the same.
        alone = self.oakum("diff", "pod/bare", "-n", "shop", "-o", "yaml", status=1).stdout
        several = self.oakum("diff", "pods", "-n", "shop", "-o", "yaml", status=1).stdout
        self.assertIn(alone, several)
        self.assertIn('d\n\n e', yaml.safe_load(alone)["spec"]["containers"][0]["args"][2])

    def test_who_is_managed_is_told(self):
        done = self.oakum("check", "pods", "-n", "shop", status=1)
        self.assertIn("shop/pod/web-5d8c-x2x4z:1:1: warning: ReplicaSet 'web-5d8c' made this Pod and keeps it so: change that\n", done.stderr)
        self.assertEqual(done.stderr.count("made this"), 1)
        out = self.oakum("diff", "pods", "-n", "shop", "-o", "patch", status=1).stdout
        self.assertIn("# pod/web-5d8c-x2x4z: no patch: ReplicaSet 'web-5d8c' made it", out)
        self.assertIn("# pod/bare: no patch: a Pod that exists cannot be changed", out)
        self.assertEqual(patches_of(out), [])

    def test_kubectl_does_what_the_fix_does(self):
        for words, item in ((["deployment/web"], self.cluster.objects[0]), (["rollout/roll"], self.cluster.objects[6]),
                            (["namespace/shop"], self.cluster.objects[5])):
            out = self.oakum("diff", *words, "-n", "shop", "-o", "patch", status=1).stdout
            (command, kind, patch), = patches_of(out)
            self.assertEqual(kind, "json" if words == ["rollout/roll"] else "strategic")
            patched = apply(copy.deepcopy(item), kind, patch)
            whole = run("kubectl", "--server", self.cluster.url, "get", *words, "-n", "shop", "-o", "yaml", status=0).stdout
            fixed = yaml.load(run(OAKUM, "fix", "-", text=whole).stdout, Loader=Plain)
            self.assertEqual(patched, fixed, command)
            self.assertNotEqual(patched["metadata" if item["kind"] == "Namespace" else "spec"], item["metadata" if item["kind"] == "Namespace" else "spec"])
            self.assertEqual(patched["metadata"]["annotations"], item["metadata"]["annotations"])

    def test_a_patch_goes_through_a_pipe(self):
        out = self.oakum("diff", "deployment/web", "-n", "shop", "-o", "patch", status=1).stdout
        path = os.path.join(self.root, "object.json")
        with open(path, "w") as file:
            json.dump(self.cluster.objects[0], file)
        done = run("kubectl", "patch", "--local", "-f", path, "--type=strategic", "--patch-file=/dev/stdin", "-o", "json", text=out, status=0)
        spec = json.loads(done.stdout)["spec"]["template"]["spec"]
        self.assertEqual(spec["containers"][0]["securityContext"]["privileged"], False)

    def test_levels_of_namespaces(self):
        done = self.oakum("diff", "ns,deployments,pods", "-A", "--enforce=auto", status=1)
        self.assertIn("+    pod-security.kubernetes.io/audit: restricted", done.stdout)
        self.assertIn("namespace/shop", done.stderr)

    def test_a_patch_of_numbers_tests_what_it_counts(self):
        (_, kind, patch), = patches_of(self.oakum("diff", "rollout/roll", "-n", "shop", "-o", "patch", status=1).stdout)
        self.assertIn({"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"}, json.loads(patch))
        moved = copy.deepcopy(self.cluster.objects[6])
        moved["spec"]["template"]["spec"]["containers"].insert(0, {"name": "new", "securityContext": {"privileged": True}})
        with self.assertRaises(AssertionError):
            apply(moved, kind, patch)

    def test_where_and_who_is_passed_on(self):
        self.oakum("check", "deployment/web", "-n", "shop", "--as", "ann", "--request-timeout=10s", status=1)
        self.assertIn(("GET", "/apis/apps/v1/namespaces/shop/deployments/web", "ann"), self.cluster.asked)
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "none",
                  "clusters": [{"name": "c", "cluster": {"server": self.cluster.url}}], "users": [],
                  "contexts": [{"name": "c", "context": {"cluster": "c", "user": "", "namespace": "billing"}}]}
        with open(os.path.join(self.root, "config"), "w") as file:
            json.dump(config, file)
        done = kubectl_oakum("check", "deployments", "--context=c", "--kubeconfig", "config", folder=self.root, status=1)
        self.assertIn("billing/deployment/web:", done.stdout)
        self.assertNotIn("shop/", done.stdout)

    def test_nothing_is_written(self):
        self.oakum("check", "deploy,pods,ns", "-A")
        self.oakum("diff", "deploy/web", "-n", "shop", "-o", "patch")
        self.assertEqual(self.oakum("fix", "deploy/web", "-n", "shop", status=2).stdout, "")
        self.assertEqual({method for method, _, _ in self.cluster.asked}, {"GET"})

    def test_what_is_missing_is_no_success(self):
        done = self.oakum("check", "deployment/gone", "-n", "shop", status=2)
        self.assertIn('deployments "gone" not found', done.stderr)
        self.assertIn("kubectl oakum: kubectl could not get 'deployment/gone'", done.stderr)
        done = self.oakum("check", "deployment/web", "deployment/gone", "-n", "shop", status=2)
        self.assertIn("shop/deployment/web:", done.stdout)
        self.assertIn("doesn't have a resource type", self.oakum("check", "wibbles", "-n", "shop", status=2).stderr)

    def test_configuration_holds_for_objects(self):
        with open(os.path.join(self.root, ".oakum.yaml"), "w") as file:
            file.write("exempt: [{patch: privileged, kind: Deployment, namespace: shop, name: web, reason: traces}]\n")
        self.assertNotIn("open: container 'web' has all the rights", self.oakum("check", "deployment/web", "-n", "shop", status=1).stdout)
        self.assertIn("open: container 'web' has all the rights", self.oakum("check", "deployment/api", "-n", "shop", status=1).stdout)

    def test_an_option_makes_a_name_an_object(self):
        os.mkdir(os.path.join(self.root, "deployments"))
        self.assertIn("shop/deployment/web", self.oakum("check", "deployments", "-n", "shop", status=1).stdout)
        self.assertIn("0 files", self.oakum("check", "deployments", status=0).stderr)

    def test_objects_are_completed(self):
        out = run("kubectl", "__complete", "oakum", "check", "--profile=baseline", "--server=" + self.cluster.url, "-n", "shop", "deployment/w",
                  folder=self.root, status=0).stdout
        self.assertIn("deployment/web\n", out)
        out = run("kubectl", "__complete", "oakum", "diff", "--server=" + self.cluster.url, "-n", "shop", "deployments", "", folder=self.root,
                  status=0).stdout
        self.assertIn("web\n", out)


def main():
    global OAKUM, FOLDER, ENV
    if shutil.which("kubectl") is None:
        skip("no kubectl")
    OAKUM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as FOLDER:
        binaries = os.path.join(FOLDER, "bin")
        os.mkdir(binaries)
        os.symlink(OAKUM, os.path.join(binaries, "kubectl-oakum"))
        shutil.copy(ROOT / "packaging" / "kubectl_complete-oakum", binaries)
        ENV = dict(os.environ, PATH=binaries + ":" + os.environ["PATH"], HOME=FOLDER, LC_ALL="C", NO_COLOR="1", KUBECONFIG="")
        unittest.main(argv=sys.argv[:1] + sys.argv[2:])


if __name__ == "__main__":
    main()
