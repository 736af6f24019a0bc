#!/usr/bin/python3
"""What `-o patch` prints, applied by kubectl, against what `oakum fix` makes of the same object.    usage: patches.py OAKUM

The objects are those of all cases, and of these the Pods once more as Deployments (strategic merge) and as a custom resource
(JSON patch), since the API server lets nobody change a Pod."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))
from common import ROOT, skip, verdict  # noqa: E402
import yaml  # noqa: E402

CUSTOM = "argoproj.io/v1alpha1", "Rollout"
LEAST = 300  # objects; with fewer, something is wrong with this test


def template(kind, api, pod):
    meta = pod.get("metadata") or {}
    spec = {"template": {"metadata": {key: meta[key] for key in ("labels", "annotations") if key in meta}, "spec": pod["spec"]}}
    if kind == "Deployment":
        spec["selector"] = {"matchLabels": {"app": "a"}}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "a"}, "spec": spec}


def objects():
    for path in sorted((ROOT / "tests" / "cases").glob("*/*/input.yaml")):
        try:
            documents = list(yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError, TypeError):
            continue  # of no use as data
        for item in documents:
            if not isinstance(item, dict) or not isinstance(item.get("spec", {}), dict) or "kind" not in item or "apiVersion" not in item:
                continue
            if item["kind"].endswith("List"):
                continue
            yield path, item
            if item["kind"] == "Pod" and item.get("spec"):
                yield path, template("Deployment", "apps/v1", item)
                yield path, template(CUSTOM[1], CUSTOM[0], item)


def write(folder):
    """Each object in a file, under a name of its own."""
    names = {}
    for i, (path, item) in enumerate(objects()):
        name = "n%05d" % i
        try:
            item = json.loads(json.dumps(item))
        except TypeError:
            continue  # a time or a set
        if not isinstance(item.get("metadata", {}) or {}, dict):
            continue
        item["metadata"] = dict(item.get("metadata") or {}, name=name)
        names[name] = path
        (folder / (name + ".json")).write_text(json.dumps(item, indent=2) + "\n")
    return names


def patches_of(text):
    found = {}
    for part in text.split("---\n"):
        lines = part.splitlines()
        if len(lines) == 2:
            found[lines[0].split()[3].split("/")[-1]] = lines[0].split("--type=")[1].split()[0], lines[1]
    return found


def apply(folder, name, kind, patch):
    done = subprocess.run(["kubectl", "patch", "--local", "-f", str(folder / (name + ".json")), "--type=" + kind, "-p", patch, "-o", "json"],
                          text=True, capture_output=True, timeout=120, env=dict(os.environ, HOME=str(folder)))
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def without(item):
    """kubectl shows objects with these left out, or added where they are empty."""
    if isinstance(item, dict) and isinstance(item.get("metadata"), dict):
        item["metadata"].pop("managedFields", None)
    return item


def check(before, after, patches):
    failures, types = [], {}
    changed = [path for path in sorted(before.glob("*.json")) if path.read_bytes() != (after / path.name).read_bytes()]

    def judge(path):
        old, new = json.loads(path.read_text()), json.loads((after / path.name).read_text())
        if path.stem not in patches:
            return None if old["kind"] in ("Pod", "Job") or owned(old) else "no patch for a %s" % old["kind"]
        kind, patch = patches[path.stem]
        types[kind] = types.get(kind, 0) + 1
        made = apply(before, path.stem, kind, patch)
        if "unable to decode" in made:
            return None  # no API server has such an object
        return None if without(made) == without(new) else "%s %s\n  made %s\n  want %s" % (kind, patch, made, new)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, failure in zip(changed, pool.map(judge, changed)):
            if failure:
                failures.append("%s: %s" % (path.stem, failure))
    print("%d objects that change, patches: %s" % (len(changed), types))
    if sum(types.values()) < LEAST or set(types) != {"json", "strategic"}:
        failures.append("too few objects")
    return failures


def owned(item):
    return any(owner.get("controller") for owner in item["metadata"].get("ownerReferences") or [])


def main():
    if shutil.which("kubectl") is None:
        skip("no kubectl")
    with tempfile.TemporaryDirectory() as root:
        before, after = pathlib.Path(root) / "before", pathlib.Path(root) / "after"
        before.mkdir()
        names = write(before)
        shutil.copytree(before, after)
        plugin = os.path.join(root, "kubectl-oakum")
        os.symlink(os.path.abspath(sys.argv[1]), plugin)
        words = ["--no-config", "--fix=all", "--profile=hardened", "--runtime-class=gvisor"]
        out = subprocess.run([plugin, "diff", "-R", "-f", str(before), "-o", "patch"] + words, text=True, capture_output=True, timeout=600)
        subprocess.run([plugin, "fix", "-R", "-f", str(after)] + words, capture_output=True, timeout=600)
        failures = check(before, after, patches_of(out.stdout))
    return verdict(["%s: %s" % (names[f.split(":")[0]] if f.split(":")[0] in names else "", f) for f in failures])


if __name__ == "__main__":
    sys.exit(main())
