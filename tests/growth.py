#!/usr/bin/env python3
"""Work grows with the input.   usage: growth.py OAKUM [NAME…]

Each manifest is made twice, once four times as large. Where the larger one takes more than ten times the processor time, and half a
second more, somebody looks through all of something for each part of it. No machine is too slow for that, and none too busy.

Exit status: 0 all do, 1 one does not.
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

FACTOR, RATIO, SECONDS = 4, 10, 0.5
OPTIONS = ["--no-config", "--today=2027-01-01", "--color=never"]

POD = """apiVersion: v1
kind: Pod
metadata:
  name: p{i}
  namespace: n{i}
spec:
  containers:
  - name: c
    image: nginx:1.25
"""
NAMESPACE = """apiVersion: v1
kind: Namespace
metadata:
  name: n{i}
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
"""
LIST = "apiVersion: v1\nkind: List\nitems:\n"
WORKFLOW = """apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  name: w
spec:
  entrypoint: t0
  templates:
"""


def item(text):
    lines = text.splitlines(keepends=True)
    return "- " + lines[0] + "".join("  " + line for line in lines[1:])


def repeat(text, n):
    return "".join(text.replace("{i}", str(i)) for i in range(n))


def list_of_pods(n):
    return LIST + repeat(item(POD), n)


def list_with_an_exemption(n):
    """What is kept is looked up in what would be changed."""
    exempt = item(POD).replace("    - name: c", "    # oakum: ignore non-root -- it is old\n    - name: c").replace("{i}", "-old")
    return LIST + exempt + repeat(item(POD), n)


def list_with_an_exemption_each(n):
    return "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"- apiVersion: v1\n  kind: Pod\n  metadata: {{name: p{i}}}\n  # oakum: ignore host-namespaces -- a debugger\n"
        f"  spec:\n    hostPID: true\n    containers: [{{name: a, image: b}}]\n" for i in range(n))


def documents(n):
    return repeat("---\n" + POD, n)


def namespaces(n):
    return repeat("---\n" + NAMESPACE + "---\n" + POD, n)


def list_of_namespaces(n):
    return LIST + repeat(item(NAMESPACE) + item(POD), n)


def list_of_unknown_kinds(n):
    """Each may run pods in the namespaces that it names."""
    widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w{i}\nspec:\n  namespace: n{i}\n"
    return LIST + repeat(item(NAMESPACE) + item(widget), n)


def anchors(n):
    return POD.replace("{i}", "0") + "x-from:\n" + repeat("- &a{i} v\n", n) + "x-to:\n" + repeat("- *a{i}\n", n)


def aliases(n):
    """A change of what others repeat is wanted by all of them, or by none."""
    first = item(POD).replace("metadata:", "metadata:\n    labels: &labels {a: b}").replace("{i}", "-first")
    return LIST + first + repeat(item(POD).replace("metadata:", "metadata:\n    labels: *labels"), n)


def merges(n):
    return LIST.replace("items:", "x-c: &c\n  image: nginx:1.25\nitems:") + repeat(item(POD).replace("image: nginx:1.25", "<<: *c"), n)


def actions_of_templates(n):
    return LIST + repeat(item(POD).replace("nginx:1.25", '"{{ .image }}"'), n)


def large_mapping(n):
    return CONFIG_MAP + repeat("  key{i}: v\n", n) + "---\n" + POD.replace("{i}", "0") + "x-more:\n" + repeat("  key{i}: v\n", n)


def embedded_manifests(n):
    return CONFIG_MAP + "  all.yaml: |\n" + repeat("    kind: Service\n    apiVersion: v1\n    metadata:\n      name: s{i}\n    ---\n", n)


def embedded_manifests_in_quotes(n):
    return CONFIG_MAP + repeat('  "{i}": "kind: Service\\\\n"\n', n)


def containers(n):
    return POD.replace("{i}", "0") + repeat("  - name: c{i}\n    image: nginx:1.25\n", n)


def ports_and_variables(n):
    return (POD.replace("{i}", "0") + "    ports:\n" + repeat("    - containerPort: {i}\n", n) + "    env:\n" +
            repeat("    - name: V{i}\n      value: v\n", n))


def volumes(n):
    return (POD.replace("{i}", "0") + "    volumeMounts:\n    - name: v0\n      mountPath: /v\n  volumes:\n" +
            repeat("  - name: v{i}\n    hostPath:\n      path: /srv/{i}\n", n))


def mounts_line_by_line(n):
    return (POD.replace("{i}", "0") + "    volumeMounts:\n" + repeat("    - {name: v, mountPath: /m{i}}\n", n) +
            "  volumes:\n  - {name: v, hostPath: {path: /x}}\n")


def capabilities(n):
    return POD.replace("{i}", "0") + "    securityContext:\n      capabilities:\n        add:\n" + repeat("        - CAP{i}\n", n)


def containers_that_stay_root(n):
    return (POD.replace("{i}", "0") + repeat("  - name: c{i}\n    securityContext: {privileged: true, runAsUser: 0}\n", n))


def documents_of_unknown_kinds(n):
    return repeat("---\n" + POD.replace("apiVersion: v1\nkind: Pod", "apiVersion: example.org/v1\nkind: Widget"), n)


def templates(n):
    return WORKFLOW + repeat("  - name: t{i}\n    container:\n      image: busybox:1.36\n", n)


def long_text(n):
    return CONFIG_MAP + "  text: |\n" + "    kind of a text: # oakum\n" * n + "---\n" + POD.replace("{i}", "0")


CHECK, DIFF, ENFORCE, HARDEN = ["check"], ["diff"], ["check", "--enforce=auto"], ["diff", "--profile=hardened"]
CASES = [  # what, how, how many of them in the smaller one
    (list_of_pods, CHECK, 1000),
    (list_of_pods, DIFF, 1000),
    (list_with_an_exemption, CHECK, 500),
    (list_with_an_exemption_each, CHECK, 1000),
    (documents, DIFF, 1000),
    (namespaces, ENFORCE, 3000),
    (list_of_namespaces, ENFORCE, 1500),
    (list_of_unknown_kinds, ENFORCE, 800),
    (anchors, CHECK, 8000),
    (aliases, HARDEN, 1000),
    (merges, CHECK, 1000),
    (actions_of_templates, ENFORCE, 1000),
    (large_mapping, CHECK, 20000),
    (embedded_manifests, CHECK, 4000),
    (embedded_manifests_in_quotes, CHECK, 4000),
    (containers, CHECK, 2000),
    (ports_and_variables, CHECK, 10000),
    (volumes, CHECK, 5000),
    (mounts_line_by_line, DIFF, 2000),
    (capabilities, CHECK, 2000),
    (containers_that_stay_root, DIFF, 1000),
    (documents_of_unknown_kinds, CHECK, 3000),
    (templates, CHECK, 1000),
    (long_text, CHECK, 20000),
]


def seconds_of(argv):
    """Of processor time; the program may find something, and may not fail."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(argv)}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return after.ru_utime - before.ru_utime


def measure(oakum, folder, case, n):
    make, command, _ = case
    path = folder / f"{make.__name__}.yaml"
    path.write_text(make(n))
    return seconds_of([oakum, *command, *OPTIONS, str(path)])


def main():
    oakum, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for case in CASES:
            name, n = case[0].__name__, case[2]
            if names and name not in names:
                continue
            small, large = measure(oakum, folder, case, n), measure(oakum, folder, case, FACTOR * n)
            is_wrong = large > RATIO * small and large > small + SECONDS
            print(f"{'FAIL' if is_wrong else 'ok'}: {name}, {' '.join(case[1])}: {n} {small:.2f} s, {FACTOR * n} {large:.2f} s")
            failed = failed or is_wrong
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
