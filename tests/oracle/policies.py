#!/usr/bin/env python3
"""Does `oakum migrate-psp` read PodSecurityPolicies as the table of the Kubernetes documentation does?

usage: policies.py OAKUM

The table ("Mapping PodSecurityPolicies to Pod Security Standards") is written down here a second time, in Python, and
asked about random policies, and about those of the corpus where it is.
"""
import collections
import json
import pathlib
import random
import sys
import tempfile

from common import SHARED, death, run, yaml

BASELINE_CAPABILITIES = set("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP"
                            " SETUID SYS_CHROOT".split())
RESTRICTED_VOLUMES = set("configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret".split())
SECCOMP = "seccomp.security.alpha.kubernetes.io/allowedProfileNames"
APPARMOR = "apparmor.security.beta.kubernetes.io/allowedProfileNames"
COUNT = 1500


def breaks_baseline(spec, annotations, lenient):
    capabilities = set(spec.get("allowedCapabilities") or []) | set(spec.get("defaultAddCapabilities") or [])
    selinux = spec.get("seLinux") or {}
    options = selinux.get("seLinuxOptions") or {}
    yield any(spec.get(k) not in (None, False) for k in ("privileged", "hostNetwork", "hostPID", "hostIPC"))
    yield any(p.get("max") != 0 for p in spec.get("hostPorts") or [])
    yield not capabilities <= BASELINE_CAPABILITIES
    yield set(spec.get("volumes") or []) & {"*", "hostPath"}
    yield selinux.get("rule") != "MustRunAs" and not lenient
    yield options.get("user") or options.get("role")
    yield options.get("type") not in (None, "", "container_t", "container_init_t", "container_kvm_t")
    yield spec.get("allowedUnsafeSysctls")
    yield set(spec.get("allowedProcMountTypes") or []) - {"Default"}
    for name, defaults in ((SECCOMP, {"runtime/default", "docker/default"}), (APPARMOR, {"runtime/default"})):
        if name in annotations:
            entries = [e.strip() for e in annotations[name].split(",")]
            yield any(e and e not in defaults and not e.startswith("localhost/") for e in entries)
    # Without its list any AppArmor profile is allowed; without that of seccomp, only none.
    yield APPARMOR not in annotations and not lenient


def breaks_restricted(spec, annotations, lenient):
    capabilities = set(spec.get("allowedCapabilities") or []) | set(spec.get("defaultAddCapabilities") or [])
    user = spec.get("runAsUser") or {}
    mins = [r.get("min") for r in user.get("ranges") or []]
    yield not capabilities <= {"NET_BIND_SERVICE"}
    yield "ALL" not in (spec.get("requiredDropCapabilities") or [])
    yield not set(spec.get("volumes") or []) - {"none"} <= RESTRICTED_VOLUMES
    yield user.get("rule") != "MustRunAsNonRoot" and not (lenient and user.get("rule") == "MustRunAs" and 0 not in mins)
    yield spec.get("allowPrivilegeEscalation") is not False
    yield "" in [e.strip() for e in annotations.get(SECCOMP, "").split(",")]
    yield APPARMOR in annotations and not lenient and "" in [e.strip() for e in annotations[APPARMOR].split(",")]


def level(policy, lenient):
    spec = policy.get("spec") or {}
    annotations = policy["metadata"].get("annotations") or {}
    if any(breaks_baseline(spec, annotations, lenient)):
        return "privileged"
    return "baseline" if any(breaks_restricted(spec, annotations, lenient)) else "restricted"


# ---- policies ----


def random_policy(dice, name):
    spec = {}

    def some(key, good, bad, present=0.6, wrong=0.1):
        if dice.random() < present:
            spec[key] = dice.choice(bad if dice.random() < wrong else good)

    for key in ("privileged", "hostNetwork", "hostPID", "hostIPC"):
        some(key, [False, None], [True], wrong=0.04)
    some("hostPorts", [[], None, [{"min": 0, "max": 0}]], [[{"min": 1, "max": 9}], [{"min": 0, "max": 65535}]])
    some("allowedCapabilities", [[], ["NET_BIND_SERVICE"], None], [["CHOWN"], ["*"], ["CHOWN", "SYS_TIME"]], wrong=0.3)
    some("defaultAddCapabilities", [[], ["NET_BIND_SERVICE"]], [["KILL"], ["NET_RAW"]], present=0.2, wrong=0.3)
    some("requiredDropCapabilities", [["ALL"], ["KILL", "ALL"]], [["KILL"], []], present=0.8)
    some("volumes", [["configMap", "secret"], ["none"], []], [["nfs"], ["*"], ["hostPath"]], present=0.8, wrong=0.2)
    some("allowPrivilegeEscalation", [False], [True], present=0.8)
    some("allowedUnsafeSysctls", [[]], [["kernel.msg*"]], present=0.2)
    some("allowedProcMountTypes", [[], ["Default"]], [["Unmasked", "Default"]], present=0.3)
    spec["seLinux"] = dice.choice([{"rule": "RunAsAny"}, {"rule": "MustRunAs"}, {"rule": "MustRunAs", "seLinuxOptions": dice.choice(
        [{"level": "s0"}, {"type": "spc_t"}, {"type": "container_t", "user": ""}, {"role": "r"}])}])
    spec["runAsUser"] = dice.choice([{"rule": "RunAsAny"}, {"rule": "MustRunAsNonRoot"}, {"rule": "MustRunAsNonRoot"}, {"rule": "MustRunAs"},
                                     {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 5}, {"min": dice.choice([0, 7]), "max": 9}]}])
    annotations = {}
    for key in (SECCOMP, APPARMOR):
        if dice.random() < 0.8:
            annotations[key] = dice.choice(["runtime/default", "runtime/default", "runtime/default, localhost/a/b", "runtime/default,", "*",
                                            "", ",runtime/default", "unconfined", "localhost/a,,localhost/b", "docker/default"])
    return {"apiVersion": dice.choice(["policy/v1beta1", "extensions/v1beta1"]), "kind": "PodSecurityPolicy",
            "metadata": {"name": name, "annotations": annotations}, "spec": spec}


def write_random(folder):
    dice = random.Random(20)
    policies = [random_policy(dice, "p%d" % i) for i in range(COUNT)]
    for i in range(0, COUNT, 3):
        style = dice.choice([None, True, False])
        with open(folder / ("%d.yaml" % i), "w", encoding="utf-8") as file:
            if dice.random() < 0.5:
                yaml.safe_dump_all(policies[i:i + 3], file, default_flow_style=style)
            else:
                yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": policies[i:i + 3]}, file, default_flow_style=style)


def objects(data):
    if isinstance(data, dict) and isinstance(data.get("items"), list):
        for item in data["items"]:
            yield from objects(item)
    elif isinstance(data, dict):
        yield data


def policies_below(folder):
    """(file, policy) of all that can be read."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml", ".json") and p.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "PodSecurityPolicy" not in text:
            continue
        try:
            documents = list(yaml.safe_load_all(text))
        except (yaml.YAMLError, ValueError):
            continue  # a template
        for policy in (o for d in documents for o in objects(d)):
            group = str(policy.get("apiVersion")).split("/", maxsplit=1)[0]
            if policy.get("kind") == "PodSecurityPolicy" and group in ("policy", "extensions"):
                yield str(path), policy


def compare(oakum, folder):
    result = run([oakum, "migrate-psp", "--format", "json", folder])
    reason = death(result)
    if reason:
        sys.exit(reason)
    got = collections.Counter()
    for line in result.stdout.splitlines():
        policy = json.loads(line).get("policy")
        if policy:
            got[policy["file"], policy["name"], policy["strict"], policy["lenient"]] += 1
    want = collections.Counter((path, p["metadata"].get("name"), level(p, False), level(p, True)) for path, p in policies_below(folder))
    for row in (want - got).keys() | (got - want).keys():
        print("%s: %d, expected %d" % (row, got[row], want[row]))
    levels = collections.Counter(row[2:] for row in want.elements())
    print("%s: %d policies, %d as expected: %s" % (folder.name, sum(want.values()), sum((want & got).values()), dict(levels)))
    return want == got and sum(want.values()) > 0


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "random"
        folder.mkdir()
        write_random(folder)
        ok = compare(sys.argv[1], folder)
    if (SHARED / "corpus").is_dir():
        ok = compare(sys.argv[1], SHARED / "corpus") and ok
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
