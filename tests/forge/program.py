#!/usr/bin/python3
"""`oakum pr` as a whole: a bare repository on disk as the remote, fake.py as the forge.    usage: program.py OAKUM"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import fake
from fake import TOKEN, Fault

OAKUM = None
POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    securityContext: {privileged: true}
"""


class Program(unittest.TestCase):
    def each(self):
        """Every kind of forge in turn, with a repository, a remote and a folder of their own."""
        for kind in (fake.GitHub, fake.GitLab, fake.Gitea):
            self.forge = kind()
            self.addCleanup(self.forge.close)
            root = tempfile.TemporaryDirectory()
            self.addCleanup(root.cleanup)
            self.root, self.folder, self.remote = root.name, root.name + "/work", root.name + "/remote.git"
            self.git("init", "-q", "--bare", self.remote, folder="/")
            self.git("init", "-q", "-b", "main", self.folder, folder="/")
            self.git("remote", "add", "origin", self.remote)
            for key, value in (("user.name", "Bot"), ("user.email", "bot@example.org")):
                self.git("config", key, value)
            self.write(POD)
            yield self.forge
            self.assertEqual(self.forge.shown, [])

    def environment(self):
        clean = {k: v for k, v in os.environ.items() if not any(w in k for w in ("TOKEN", "PROXY", "GITHUB", "GITLAB", "GITEA", "GIT_"))}
        return {**clean, "HOME": self.root, "GIT_CONFIG_NOSYSTEM": "1", "OAKUM_TOKEN": TOKEN}

    def git(self, *args, folder=None, **env):
        done = subprocess.run(["git", "-C", folder or self.folder, *args], check=True, capture_output=True, text=True,
                              env={**self.environment(), **env})
        return done.stdout.strip()

    def write(self, text, name="web.yaml"):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        self.git("push", "-q", "origin", "main")

    def tip(self):
        return self.git("rev-parse", "-q", "--verify", "refs/heads/oakum/fix", folder=self.remote)

    def run_pr(self, *args):
        done = subprocess.run([OAKUM, "pr", "--branch", "oakum/fix", "--forge", self.forge.kind, "--forge-url", self.forge.url,
                               "--loopback-http", "--profile", "baseline", *args], cwd=self.folder, env=self.environment(),
                              capture_output=True, text=True, timeout=60)
        self.assertNotIn(TOKEN, done.stdout + done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done.returncode, done.stdout + done.stderr

    def expect(self, status, words, *args):
        got, said = self.run_pr(*args)
        self.assertEqual(got, status, self.forge.kind + ": " + said)
        self.assertIn(words, said, self.forge.kind)

    def writes(self):
        return len([c for c in self.forge.seen if c[0] != "GET"])

    def test_life(self):
        for forge in self.each():
            sign = "!" if forge.kind == "gitlab" else "#"
            self.expect(0, f"request {sign}1 opened", "--label", "security")
            pull, tip = forge.one(1), self.tip()
            self.assertIn("### Privileged containers (`privileged`): 1", pull["body"])
            base = self.git("rev-parse", "main")
            link = {"github": f"/shop/deploy/blob/{base}/", "gitlab": f"/shop/deploy/-/blob/{base}/",
                    "gitea": f"/shop/deploy/src/commit/{base}/"}[forge.kind]
            self.assertIn(f"[`web.yaml:7`]({forge.origin}{link}web.yaml#L7)", pull["body"])
            written = self.writes()
            self.expect(0, f"request {sign}1 is up to date")
            self.assertEqual((self.tip(), self.writes()), (tip, written))
            # a rule changed
            self.expect(0, f"request {sign}1 updated", "--profile", "restricted")
            self.assertNotEqual(self.tip(), tip)
            self.assertIn("`non-root`", pull["body"])
            # the base moved
            self.write(POD, "other.yaml")
            self.expect(0, f"request {sign}1 updated", "--profile", "restricted")
            self.assertEqual(self.git("rev-parse", "oakum/fix^", folder=self.remote), self.git("rev-parse", "main"))
            self.assertIn("other.yaml:7", pull["body"])
            # a file that cannot be read may hold what is left
            for name in ("web.yaml", "other.yaml"):
                self.write(POD.replace("privileged", '"unclosed'), name)
            self.expect(2, "error: ")
            self.assertEqual((pull["state"], len(forge.comments)), ("open", 0))
            # nothing is left, and then something again
            for name in ("web.yaml", "other.yaml"):
                self.write(POD.replace("true", "false"), name)
            self.expect(0, f"request {sign}1 closed")
            self.assertEqual((pull["state"], len(forge.comments)), ("closed", 1))
            self.write(POD)
            self.expect(0, f"request {sign}2 opened")

    def test_people(self):
        for forge in self.each():
            self.expect(0, "opened")
            forge.one(1)["state"] = "closed"
            tip, written = self.tip(), self.writes()
            self.expect(0, "closed by somebody", "--profile", "restricted")
            self.assertEqual((self.tip(), self.writes()), (tip, written))
            self.expect(0, "opened again", "--profile", "restricted", "--reopen")
            self.git("switch", "-q", "oakum/fix")
            self.git("commit", "-q", "--allow-empty", "-m", "mine", GIT_COMMITTER_EMAIL="ann@example.org")
            self.git("push", "-q", "origin", "oakum/fix")
            self.git("switch", "-q", "main")
            tip, written = self.tip(), self.writes()
            self.expect(2, "was not made by oakum")
            self.assertEqual((self.tip(), self.writes()), (tip, written))

    def test_failures_before_anything_is_pushed(self):
        for forge in self.each():
            for status, words, exit_status in ((401, "does not accept", 2), (403, "may not", 2), (429, "try again", 75)):
                forge.faults = [Fault("GET", "/(pulls|merge_requests)", status, {"message": "no"}, {"Retry-After": "900"} if status == 429 else {})]
                self.expect(exit_status, words)
            self.assertEqual(self.git("for-each-ref", "refs/heads/oakum", folder=self.remote), "")
            self.assertEqual(self.writes(), 0)

    def test_a_failed_creation_is_made_up_for(self):
        for forge in self.each():
            forge.faults = [Fault("POST", "/(pulls|merge_requests)$", drop=True)]
            self.expect(75, "no answer")
            self.expect(0, "request " + ("!" if forge.kind == "gitlab" else "#") + "1 opened")

    def test_refused_by_a_hook(self):
        for forge in self.each():
            with open(self.remote + "/hooks/pre-receive", "w") as file:
                file.write("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
            os.chmod(self.remote + "/hooks/pre-receive", 0o755)
            self.expect(2, "not on a Friday")
            self.assertEqual(forge.pulls, [])

    def test_json(self):
        for forge in self.each():
            got, said = self.run_pr("--format", "json")
            line = json.loads(said)
            self.assertEqual((got, line["result"], line["pull_request"]), (0, "made", forge.show(forge.one(1))[
                "web_url" if forge.kind == "gitlab" else "html_url"]))
            forge.one(1)["state"] = "closed"
            self.assertEqual(json.loads(self.run_pr("--format", "json")[1])["result"], "skipped")


if __name__ == "__main__":
    OAKUM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
