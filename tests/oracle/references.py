#!/usr/bin/env python3
"""Does every patch know the names that others give to what it fixes?

usage: references.py BINARY

Compares `oakum explain` with data/controls.csv of the shared folder: controls and the ids that the Pod Security Standards,
the CIS benchmark, the NSA/CISA guide and other tools have for them. A control is either that of a patch, or stands below
among those that no patch is about.
Exit status: 0 all holds, 1 something does not, 77 there is no such file.
"""
import collections
import csv
import re
import sys

import common

# Control → the patch that fixes it.
OURS = {
    "privileged": "privileged",
    "allowPrivilegeEscalation": "privilege-escalation",
    "capabilitiesDropAll": "capabilities-drop",
    "capabilitiesDropNetRaw": "capabilities-drop",
    "capabilitiesAddBaseline": "capabilities-add",
    "capabilitiesAddRestricted": "capabilities-add",
    "capabilitySysAdmin": "capabilities-add",
    "capabilitySysModule": "capabilities-add",
    "hostPID": "host-namespaces",
    "hostIPC": "host-namespaces",
    "hostNetwork": "host-namespaces",
    "hostPorts": "host-ports",
    "hostPathVolumes": "host-path-volumes",
    "hostPathMountReadOnly": "host-path-read-only",
    "hostPathProc": "host-path-volumes",
    "runtimeSocketMount": "host-path-volumes",
    "volumeTypesRestricted": "volume-types",
    "runAsNonRoot": "non-root",
    "runAsUserZero": "root-user",
    "seccompUnconfined": "seccomp",
    "seccompRequired": "seccomp",
    "linuxHardening": "seccomp",
    "appArmor": "apparmor",
    "seLinux": "selinux",
    "procMount": "proc-mount",
    "sysctls": "sysctls",
    "readOnlyRootFilesystem": "read-only-root",
    "automountServiceAccountToken": "service-account-token",
    "windowsHostProcess": "windows-host-process",
    "hostProbesAndLifecycle": "host-probes",
    "runtimeClassName": "sandbox",
    "hostUsers": "user-namespace",
    "namespacePsaLabels": "namespace-labels",
    "pspDeprecatedApi": "pod-security-policy",
    "pspPrivileged": "pod-security-policy",
    "pspHostPID": "pod-security-policy",
    "pspHostIPC": "pod-security-policy",
    "pspHostNetwork": "pod-security-policy",
    "pspAllowPrivilegeEscalation": "pod-security-policy",
    "pspRunAsUser": "pod-security-policy",
    "pspAllowedCapabilities": "pod-security-policy",
    "pspRequiredDropCapabilities": "pod-security-policy",
    "pspDropNetRaw": "pod-security-policy",
}
NOBODYS = {
    "runAsUserHighUid": "a user id is never guessed",
    "rootGroups": "nor is a group id",
    "defaultServiceAccount": "which account a workload needs is not in its manifest",
    "hostAliases": "no way out of a container",
    "ephemeralContainers": "the patches look at them as at other containers",
    "privilegedPorts": "a port is no fault; capabilities-drop names it",
    "securityContextMissing": "what is missing from it has patches of its own",
    "defaultNamespace": "no way out of a container",
    "pspSeccomp": "an annotation that no cluster reads any more",
}
# Mutations that remove what host-path-volumes leaves to a person; they are the patch that is applied only when asked for.
MOVED = {"remove-hostpath-volumes": "host-path-removal"}
COLUMNS = ("pss_section", "cis_v1_10", "cis_v1_12", "nsa_item", "kubescape", "checkov", "polaris", "kubeaudit", "kyverno_validate",
           "kyverno_mutate", "trivy", "kube_linter", "kubesec", "kube_score", "kics", "kics_query_id", "gatekeeper_library")

failures = []


def known_elsewhere(binary):
    """Patch → what it is called elsewhere."""
    names = {}
    for line in common.run([binary, "patches"]).stdout.decode().splitlines():
        patch = line.split()[0]
        page = common.run([binary, "explain", patch]).stdout.decode()
        known = page.split("\nKnown elsewhere as\n", 1)[1] if "\nKnown elsewhere as\n" in page else ""
        names[patch] = {row.split(None, 1)[1] for row in known.splitlines() if row.strip()}
    return names


def ids_of(row):
    """What one line of the table calls its control. Versions behind a section and numbers before a title are the table's own."""
    for column in COLUMNS:
        if column == "pss_section" and row["pss_profile"] == "none":
            continue
        for one in filter(None, row[column].split(";")):
            one = re.sub(r" \(v[^)]*\)$", "", one) if column == "pss_section" else one
            yield re.sub(r"^[\d.]+ ", "", one) if column == "nsa_item" else one


def check_row(row, names):
    control = row["control"]
    if (control in OURS) == (control in NOBODYS):
        failures.append("%s: is it a patch's or nobody's?" % control)
    if control not in OURS:
        return 0
    count = 0
    for one in ids_of(row):
        patch = MOVED.get(one, OURS[control])
        count += 1
        if one not in names[patch]:
            failures.append("%s: %s is not known as '%s'" % (control, patch, one))
    return count


def main():
    binary = sys.argv[1]
    path = common.shared("data") / "controls.csv"
    names = known_elsewhere(binary)
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    count = sum(check_row(row, names) for row in rows)
    owners = collections.Counter(one for ids in names.values() for one in ids)
    for patch, ids in names.items():
        for one in ids & names.keys() - {patch}:
            failures.append("%s is known as '%s', which is another patch's id" % (patch, one))
    if not count:
        failures.append("no id was compared: was anything tested?")
    print("references: %d controls, %d ids compared, %d of them shared by several patches"
          % (len(rows), count, sum(n > 1 for n in owners.values())))
    for reason in failures:
        print("FAIL " + reason)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
