#!/usr/bin/python3
"""`oakum commit` and the push, judged by git itself.   usage: run.py OAKUM GIT_PROBE [NAME...]

Each function named test_* below is one test, with an empty folder of its own. Nothing outside of it is read: neither the
configuration of whoever runs this, nor a network.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


class World:
    """A folder, an environment, and the commands that run in them."""

    def __init__(self, oakum, probe, folder):
        self.oakum_path, self.probe_path, self.folder = oakum, probe, folder
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith("GIT_") and key not in ("EMAIL", "SSH_AUTH_SOCK", "GNUPGHOME")}
        self.env.update(HOME=folder + "/home", XDG_CONFIG_HOME=folder + "/home/.config", XDG_CACHE_HOME=folder + "/cache",
                        GIT_CONFIG_NOSYSTEM="1", LC_ALL="C", NO_COLOR="1", TMPDIR=folder + "/tmp")
        for name in ("home", "tmp", "cache"):
            os.mkdir(f"{folder}/{name}")
        self.git(None, "config", "--global", "user.name", "Bot")
        self.git(None, "config", "--global", "user.email", "bot@example.org")
        self.git(None, "config", "--global", "init.defaultBranch", "main")
        self.git(None, "config", "--global", "protocol.file.allow", "always")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, argv, status=None, data=None, env=None, cwd=None):
        done = subprocess.run(argv, input=data, capture_output=True, env=dict(self.env, **(env or {})),
                              cwd=cwd or self.folder)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{argv}: exit status {done.returncode}, not {status}\n"
                                 f"{done.stdout.decode(errors='replace')}{done.stderr.decode(errors='replace')}")
        return done

    def git(self, repo, *words, status=0, data=None, env=None):
        where = ["-C", self.path(repo)] if repo else []
        return self.run(["git", *where, *words], status, data, env).stdout.decode(errors="surrogateescape").strip("\n")

    def oakum(self, *words, status=None, env=None, data=None, cwd=None):
        return self.run([self.oakum_path, *words], status, data, env, cwd)

    def commit(self, repo, *words, status=None, env=None, branch="oakum/harden"):
        return self.oakum("commit", "--repo", self.path(repo), "--branch", branch, *words, status=status, env=env)

    def probe(self, *words, status=None, env=None):
        return self.run([self.probe_path, *words], status, env=env)

    def write(self, name, text, mode=0o644):
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)

    def repo(self, name="repo", files=None):
        """A repository with one commit of these files."""
        self.git(None, "init", "-q", self.path(name))
        for path, text in (files if files is not None else {"web.yaml": POD}).items():
            self.write(os.path.join(os.fsencode(name), os.fsencode(path)), text)
        self.save(name)
        return name

    def save(self, name, message="one"):
        self.git(name, "add", "-A")
        self.git(name, "commit", "-q", "--allow-empty", "-m", message)

    def tip(self, repo, ref="oakum/harden"):
        return self.git(repo, "rev-parse", ref)

    def has_branch(self, repo, name="oakum/harden"):
        return self.git(repo, "branch", "--list", name) != ""

    def object(self, repo, kind, data):
        return self.git(repo, "hash-object", "-t", kind, "--literally", "-w", "--stdin", data=data)

    def fsck(self, repo):
        self.git(repo, "fsck", "--strict", "--no-dangling", "--full")


POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web   # port 80
    image: registry.example/web:1
    securityContext:
      privileged: true
"""


def says(done, words):
    text = (done.stdout + done.stderr).decode(errors="replace")
    assert words in text, f"not said: {words!r} in\n{text}"


def main():
    oakum, probe = map(os.path.abspath, sys.argv[1:3])
    import local
    import pushing
    tests = {name[5:]: function for module in (local, pushing) for name, function in vars(module).items()
             if name.startswith("test_")}
    failed = 0
    names = sys.argv[3:] or list(tests)
    for name in names:
        folder = tempfile.mkdtemp(prefix="oakum-test-")
        start = time.monotonic()
        try:
            word = tests[name](World(oakum, probe, folder)) or "ok"
        except Exception:  # whatever it is, the others are run
            failed += 1
            word = "FAILED\n" + traceback.format_exc()
        finally:
            subprocess.run(["chmod", "-R", "u+rwx", folder], check=False)
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{name}: {word} ({time.monotonic() - start:.1f} s)", flush=True)
        if word.startswith("SKIP") and os.environ.get("OAK_CI"):
            failed += 1
    print(f"{len(names)} tests, {failed} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.modules["run"] = sys.modules["__main__"]
    sys.exit(main())
