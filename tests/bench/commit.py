#!/usr/bin/python3
"""CPU time and memory of `oakum commit` on many small manifests.   usage: commit.py OAKUM [FOLDERS]

FOLDERS (default 50000) folders hold one manifest each; one in a hundred needs a fix. What it is held against: git's own
reading of the same objects (`git ls-tree -r | git cat-file --batch`) plus `oakum check` on the same bytes, times 1.5.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

GOOD = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{i}
spec:
  selector:
    matchLabels: {{app: app-{i}}}
  template:
    metadata:
      labels: {{app: app-{i}}}
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: app
        image: registry.example/app:{i}
        ports:
        - containerPort: 8080
        resources:
          limits: {{cpu: 500m, memory: 128Mi}}
        securityContext:
          privileged: {privileged}
          allowPrivilegeEscalation: {privileged}
          capabilities:
            drop: [ALL]
"""


def import_tree(repo, count):
    """Straight into a pack: no 50,000 files on a disk."""
    stream = subprocess.Popen(["git", "-C", repo, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    out = stream.stdin
    out.write(b"commit refs/heads/main\ncommitter a <a@example.org> 1700000000 +0000\ndata 3\none")
    for i in range(count):
        text = GOOD.format(i=i, privileged="true" if i % 100 == 0 else "false").encode()
        out.write(f"\nM 100644 inline team-{i % 200}/app-{i}/deploy.yaml\ndata {len(text)}\n".encode() + text)
    out.close()
    assert stream.wait() == 0


def measure(argv, cwd, env):
    """CPU seconds, user and system, of a command and its children; its peak in KiB."""
    pid = os.fork()
    if pid == 0:
        os.chdir(cwd)
        sink = os.open("/dev/null", os.O_RDWR)
        for fd in range(3):
            os.dup2(sink, fd)
        os.execvpe(argv[0], argv, env)
    _, status, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


def main():
    oakum = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50000
    folder = tempfile.mkdtemp(prefix="oakum-bench-")
    env = dict(os.environ, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a",
               GIT_COMMITTER_EMAIL="a@example.org", HOME=folder)
    repo, tree = folder + "/repo", folder + "/tree"
    try:
        subprocess.run(["git", "init", "-q", "--bare", repo], check=True)
        import_tree(repo, count)
        os.mkdir(tree)
        subprocess.run(["git", "--git-dir", repo, "--work-tree", tree, "checkout", "-q", "-f", "main"], check=True)
        reading = "git ls-tree -r --format='%(objectname)' main | git cat-file --batch --buffer"
        git = min(measure(["sh", "-c", reading], repo, env)[0] for _ in range(3))
        check = min(measure([oakum, "check", "--jobs=1", "."], tree, env)[0] for _ in range(3))
        runs = [measure([oakum, "commit", "--repo", repo, "--base", "main", "--branch", f"b{i}"], folder, env) for i in range(3)]
        commit, peak = min(run[0] for run in runs), max(run[1] for run in runs)
        assert all(run[2] in (0, 1) for run in runs), runs
        changed = subprocess.run(["git", "-C", repo, "diff", "--name-only", "main", "b0"], check=True, capture_output=True)
        print(f"{count} manifests, {changed.stdout.count(10)} fixed")
        print(f"git ls-tree | cat-file  {git:6.2f} CPU s\noakum check             {check:6.2f} CPU s")
        print(f"oakum commit            {commit:6.2f} CPU s: {commit / (git + check):.2f} times the sum; peak {peak / 1024:.0f} MiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
