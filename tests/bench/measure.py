"""The clock of run.sh: runs commands in turn, adds up their CPU time, prints medians of ratios.

usage: measure.py OAKUM CORPUS WORK PAIRS KYAML      WORK is an empty folder; KYAML may be empty
"""
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys

oakum, corpus, work, pairs, kyaml = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def check_end(command, status):
    """Findings and files that cannot be read are no failure here; a crash is: it would look fast and small."""
    if status < 0:
        sys.exit("%s: killed by signal %d" % (" ".join(command[:4]), -status))


def cpu_ms(command):
    """CPU time of a command and its children: user, system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    check_end(command, subprocess.run(command, check=False, env=dict(os.environ, GOMAXPROCS="1"), **QUIET).returncode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime), 1000 * (after.ru_stime - before.ru_stime)


def peak_mib(command):
    """Peak memory of one command: that of a child which has no other."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execv(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    check_end(command, os.waitstatus_to_exitcode(status))
    return usage.ru_maxrss / 1024


def medians(times):
    return "%.0f + %.0f" % tuple(statistics.median(t[i] for t in times) for i in (0, 1))


def compare(name, a, b, ratio, target, before=lambda: None):
    """Runs a and b in turn, `before` (not timed) in front of each. ratio(a_ms, b_ms) is what the target is about."""
    a_times, b_times = [], []
    for number in range(pairs + 1):
        before()
        a_time = cpu_ms(a)
        before()
        b_time = cpu_ms(b)
        if number > 0:  # the first pair fills the caches
            a_times.append(a_time)
            b_times.append(b_time)
    ratios = [ratio(sum(x), sum(y)) for x, y in zip(a_times, b_times)]
    print("%-42s %11s %11s %7.2f  %5.2f … %-5.2f %s" %
          (name, medians(a_times), medians(b_times), statistics.median(ratios), min(ratios), max(ratios), target),
          flush=True)


def read_corpus():
    """All files that oakum looks at, and those in which it would change something."""
    told = subprocess.run([oakum, "check", "--format", "json", corpus], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout
    every = [str(p) for p in sorted(pathlib.Path(corpus).rglob("*"))
             if p.is_file() and p.suffix in (".yaml", ".yml", ".json")]
    found = []
    for line in told.splitlines():
        answer = json.loads(line)
        if answer.get("findings"):
            found.append(answer["file"])
    if not every or not found:
        sys.exit("no manifests in " + corpus)
    return every, found


def write_list(name, paths):
    path = work / name
    path.write_text("".join(p + "\n" for p in paths))
    return str(path)


every, found = read_corpus()
pristine, copy = work / "pristine", work / "copy"
for path in found:
    to = pristine / os.path.relpath(path, corpus)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def restore():
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(pristine, copy)


restore()
copied = [str(copy / os.path.relpath(p, corpus)) for p in found]
all_list, copy_list = write_list("all", every), write_list("copies", copied)
print("%d files, %.1f MB; %d of them with findings, %.1f MB; %d pairs" %
      (len(every), sum(os.path.getsize(p) for p in every) / 1e6, len(found),
       sum(os.path.getsize(p) for p in found) / 1e6, pairs))
print("%-42s %11s %11s %7s  %-13s %s" %
      ("CPU time in ms, one thread, user + system", "A", "B", "ratio", "from … to", "target"))
compare("A check, B cat (A/B)", [oakum, "check", "--jobs", "1", corpus],
        ["xargs", "-d", "\\n", "-a", all_list, "cat"], lambda a, b: a / b, "≤ 4")
fix = [oakum, "fix", "--jobs", "1", str(copy)]
diff = [oakum, "diff", "--jobs", "1", str(copy)]
# Privileged containers, the host's file system, seccomp, who may run as root, and what enforces all that.
CORE = ("privileged,privilege-escalation,host-path-read-only,host-path-recursive,host-path-volumes,seccomp,seccomp-annotations,"
        "namespace-labels,pod-security-policy,non-root,root-user")
core = [*fix, "--select", CORE]
if kyaml:
    compare("A diff, B kyaml prints to nowhere (B/A)", diff, [kyaml, "discard", copy_list], lambda a, b: b / a, "")
    compare("A fix, B kyaml prints to nowhere (B/A)", fix, [kyaml, "discard", copy_list],
            lambda a, b: b / a, "≥ 5", restore)
    compare("A fix, B kyaml rewrites the files (B/A)", fix, [kyaml, "rewrite", copy_list],
            lambda a, b: b / a, "≥ 5", restore)
    compare("A fix of 11 patches, B kyaml prints (B/A)", core, [kyaml, "discard", copy_list],
            lambda a, b: b / a, "≥ 5", restore)
    compare("A fix of 11 patches, B kyaml rewrites (B/A)", core, [kyaml, "rewrite", copy_list],
            lambda a, b: b / a, "≥ 5", restore)
    restore()
    said = subprocess.run([kyaml, "discard", copy_list], stderr=subprocess.PIPE, check=False).stderr.decode()
    print("(%s)" % said.strip())
print("peak memory of check --jobs 2: %.1f MiB  (target: below 32)" %
      max(peak_mib([oakum, "check", "--jobs", "2", corpus]) for _ in range(3)))
