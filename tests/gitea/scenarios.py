#!/usr/bin/python3
"""`oakum pr` against a real Gitea.    usage: scenarios.py OAKUM [Class.test…]

Skipped, visibly, where there is no Go to build Gitea with; OAK_CI makes that a failure."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "forge"))
import fake  # noqa: E402

OAKUM = URL = TOKEN = REVIEWER = ROOT = None
POD = """apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: web
    image: registry.example/web:1
    securityContext:
      privileged: true
"""
BRANCH = "oakum/harden"


def api(method, path, body=None, token=None):
    request = urllib.request.Request(URL + "/api/v1" + path, method=method, data=json.dumps(body).encode() if body is not None else None,
                                     headers={"Authorization": "token " + (token or TOKEN), "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Repo:
    """A repository on the forge, and a clone."""

    def __init__(self, name, files=None, wait=True):
        self.name = name
        api("POST", "/user/repos", {"name": name, "default_branch": "main"})
        self.url = f"{URL}/bot/{name}.git"
        self.folder = os.path.join(ROOT, name)
        os.mkdir(self.folder)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", self.url)
        self.git("config", "user.name", "Bot")
        self.git("config", "user.email", "bot@example.org")
        self.write(files or {"deploy/web.yaml": POD.format(name="web"), "README": "text\n"})
        if wait:
            self.until(lambda: not api("GET", f"/repos/bot/{name}")["empty"])
            self.until(lambda: self.pulls() == [])

    def git(self, *args, env=None):
        clean = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", **(env or {})}
        return subprocess.run(["git", "-C", self.folder, *args], check=True, capture_output=True, text=True, env=clean).stdout.strip()

    def push(self, *refs):
        address = self.url.replace("http://", f"http://bot:{TOKEN}@")
        return self.git("push", "-q", address, *refs)

    def write(self, files, branch="main", **env):
        for name, text in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change", env=env)
        self.push(f"HEAD:{branch}")

    def until(self, condition):
        for _ in range(100):
            try:
                if condition():
                    return
            except urllib.error.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError("waited in vain")

    def pulls(self, state="all"):
        return api("GET", f"/repos/bot/{self.name}/pulls?state={state}")

    def pull(self, number=1):
        return api("GET", f"/repos/bot/{self.name}/pulls/{number}")

    def tip(self):
        return api("GET", f"/repos/bot/{self.name}/branches/{BRANCH.replace('/', '%2F')}")["commit"]["id"]

    def start(self, *args, env=None, folder=None):
        clean = {k: v for k, v in os.environ.items() if not any(w in k for w in ("TOKEN", "PROXY", "GITHUB", "GITEA"))}
        clean.update({"OAKUM_TOKEN": TOKEN, "HOME": ROOT, "XDG_CACHE_HOME": os.path.join(ROOT, "cache"), "GIT_CONFIG_NOSYSTEM": "1"},
                     **(env or {}))
        return subprocess.Popen([OAKUM, "pr", "--branch", BRANCH, "--forge", "gitea", "--loopback-http", "--forge-url",
                                 f"{URL}/bot/{self.name}", "--profile", "baseline", *args],
                                cwd=folder or self.folder, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @staticmethod
    def finish(process):
        out, err = process.communicate(timeout=120)
        assert TOKEN not in out + err, "the token is in the output"
        assert "Sanitizer" not in err, err
        return process.returncode, out, err

    def run(self, *args, **more):
        return self.finish(self.start(*args, **more))


class Case(unittest.TestCase):
    def repo(self, *args, **more):
        return Repo(self._testMethodName.removeprefix("test_").replace("_", "-"), *args, **more)

    def expect(self, repo, status, words, *args, **more):
        got, out, err = repo.run(*args, **more)
        self.assertEqual(got, status, out + err)
        self.assertIn(words, out + err)
        self.assertNotIn(TOKEN, repo.git("log", "--all", "-p", "--format=fuller"))
        return out


class Life(Case):
    def test_open_unchanged_updated(self):
        repo = self.repo()
        api("POST", f"/repos/bot/{repo.name}/labels", {"name": "security", "color": "#ff0000"})
        self.expect(repo, 0, "request #1 opened", "--label", "security", "--reviewer", "reviewer")
        pull, tip = repo.pull(), repo.tip()
        self.assertEqual([label["name"] for label in pull["labels"]], ["security"])
        self.assertEqual([user["login"] for user in pull["requested_reviewers"]], ["reviewer"])
        self.assertEqual(pull["title"], "harden 1 Kubernetes manifest: privileged")
        self.assertIn(f"/bot/{repo.name}/src/commit/{pull['base']['sha']}/deploy/web.yaml#L10)", pull["body"])
        self.assertIn("privileged: false", repo.git("show", f"{BRANCH}:deploy/web.yaml"))
        # again: nothing moves
        self.expect(repo, 0, "request #1 is up to date")
        self.assertEqual((repo.tip(), repo.pull()["updated_at"]), (tip, pull["updated_at"]))
        # from a fresh clone, which knows nothing of the branch: nothing moves either
        fresh = os.path.join(ROOT, repo.name + "-fresh")
        repo.git("clone", "-q", repo.url.replace("http://", f"http://bot:{TOKEN}@"), fresh)
        subprocess.run(["git", "-C", fresh, "remote", "set-url", "origin", repo.url], check=True)
        subprocess.run(["git", "-C", fresh, "config", "user.name", "Bot"], check=True)
        subprocess.run(["git", "-C", fresh, "config", "user.email", "bot@example.org"], check=True)
        self.expect(repo, 0, "request #1 is up to date", folder=fresh)
        self.assertEqual((repo.tip(), repo.pull()["updated_at"]), (tip, pull["updated_at"]))
        # more rules: the same request, another commit
        self.expect(repo, 0, "request #1 updated", "--profile", "restricted")
        self.assertNotEqual(repo.tip(), tip)
        self.assertIn("non-root", repo.pull()["body"])
        self.assertEqual(len(repo.pulls()), 1)

    def test_base_moved(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        repo.write({"deploy/web.yaml": POD.format(name="other"), "deploy/more.yaml": POD.format(name="more")})
        self.expect(repo, 0, "request #1 updated")
        repo.until(lambda: repo.pull()["mergeable"])
        self.assertEqual(repo.pull()["merge_base"], repo.git("rev-parse", "main"))
        self.assertEqual(repo.git("rev-list", "--count", f"main..{BRANCH}"), "1")

    def test_nothing_left(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        repo.write({"deploy/web.yaml": POD.format(name="web").replace("true", "false")})
        self.expect(repo, 0, "request #1 closed: nothing is left")
        self.assertEqual(repo.pull()["state"], "closed")
        comments = api("GET", f"/repos/bot/{repo.name}/issues/1/comments")
        self.assertEqual(len(comments), 1)
        self.assertIn("Nothing is left to fix", comments[0]["body"])
        repo.write({"deploy/web.yaml": POD.format(name="again")})
        self.expect(repo, 0, "request #2 opened")

    def test_nothing_to_do(self):
        repo = self.repo({"deploy/web.yaml": POD.format(name="web").replace("true", "false")})
        self.expect(repo, 0, "nothing to fix")
        self.assertEqual(repo.pulls(), [])

    def test_merged(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        repo.until(lambda: repo.pull()["mergeable"])
        api("POST", f"/repos/bot/{repo.name}/pulls/1/merge", {"Do": "merge", "delete_branch_after_merge": True})
        repo.git("pull", "-q", repo.url.replace("http://", f"http://bot:{TOKEN}@"), "main")
        self.expect(repo, 0, "nothing to fix")
        repo.write({"deploy/second.yaml": POD.format(name="second")})
        self.expect(repo, 0, "request #2 opened")

    def test_draft(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened", "--draft")
        self.assertTrue(repo.pull()["draft"])

    def test_json(self):
        repo = self.repo()
        line = json.loads(self.expect(repo, 0, "", "--format", "json"))
        self.assertEqual((line["result"], line["pull_request"], line["error"]), ("made", f"{URL}/bot/{repo.name}/pulls/1", None))

    def test_page(self):
        """What a reviewer reads, as Gitea shows it."""
        evil = POD.format(name="web").replace("name: web\n    image", "name: \"<img src=x onerror=alert(1)> @reviewer [x](javascript:1) #1 `\"\n    image")
        repo = self.repo({"a `b` <b>@reviewer.yaml": evil})
        self.expect(repo, 0, "request #1 opened")
        html = urllib.request.urlopen(urllib.request.Request(f"{URL}/api/v1/markdown", method="POST", data=json.dumps(
            {"Text": repo.pull()["body"], "Mode": "comment", "Context": f"bot/{repo.name}"}).encode(), headers={
                "Authorization": "token " + TOKEN, "Content-Type": "application/json"})).read().decode()
        for live in ("<img", "onerror=alert(1)>", 'href="javascript', '/reviewer"', "issues/1", "<b>"):
            self.assertNotIn(live, html.replace("&lt;img src=x onerror=alert(1)&gt;", ""))
        self.assertIn("&lt;img src=x", html)


class People(Case):
    def test_a_persons_commit(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        repo.git("switch", "-q", BRANCH)
        repo.write({"deploy/note.txt": "mine\n"}, BRANCH, GIT_COMMITTER_EMAIL="ann@example.org", GIT_AUTHOR_EMAIL="ann@example.org")
        repo.git("switch", "-q", "main")
        tip = repo.tip()
        self.expect(repo, 2, "was not made by oakum", "--profile", "restricted")
        self.assertEqual(repo.tip(), tip)
        self.assertEqual(repo.pull()["title"], "harden 1 Kubernetes manifest: privileged")

    def test_closed_means_no(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        tip = repo.tip()
        api("PATCH", f"/repos/bot/{repo.name}/pulls/1", {"state": "closed"})
        self.expect(repo, 0, "closed by somebody", "--profile", "restricted")
        self.assertEqual((repo.tip(), len(repo.pulls())), (tip, 1))
        self.expect(repo, 0, "request #1 opened again", "--profile", "restricted", "--reopen")
        self.assertEqual(repo.pull()["state"], "open")
        self.assertNotEqual(repo.tip(), tip)


class Trouble(Case):
    def test_wrong_token(self):
        repo = self.repo()
        self.expect(repo, 2, "does not accept the token", env={"OAKUM_TOKEN": "0" * 40})
        self.assertEqual(repo.pulls(), [])

    def test_protected_branch(self):
        repo = self.repo()
        api("POST", f"/repos/bot/{repo.name}/branch_protections", {"rule_name": "oakum/*", "enable_push": False})
        self.expect(repo, 2, "Not allowed to push to protected branch")
        self.assertEqual(repo.pulls(), [])

    def test_lease_lost(self):
        """Somebody moves the branch between fetch and push: a `git` that does that first stands in for the time between."""
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        repo.git("branch", "rival", BRANCH)
        repo.git("switch", "-q", "rival")
        repo.write({"deploy/rival.txt": "faster\n"}, "rival", GIT_COMMITTER_EMAIL="ann@example.org")
        repo.git("switch", "-q", "main")
        rival = repo.git("rev-parse", "rival")
        tools = os.path.join(ROOT, "lease-tools")
        os.mkdir(tools)
        real, address = shutil.which("git"), repo.url.replace("http://", f"http://bot:{TOKEN}@")
        with open(tools + "/git", "w") as file:
            file.write(f"""#!/bin/sh
case " $* " in
*" push "*) env -u GIT_DIR {real} -C {repo.folder} push -q --force {address} {rival}:refs/heads/{BRANCH} ;;
esac
exec {real} "$@"
""")
        os.chmod(tools + "/git", 0o755)
        self.expect(repo, 75, "", "--profile", "restricted", env={"PATH": tools + ":" + os.environ["PATH"]})
        self.assertEqual(repo.tip(), rival)
        self.expect(repo, 2, "was not made by oakum", "--profile", "restricted")
        self.assertEqual(repo.tip(), rival)

    def test_racing_updates(self):
        repo = self.repo()
        self.expect(repo, 0, "request #1 opened")
        tip = repo.tip()
        results = self.race(repo, 2, "--profile", "restricted")
        self.assertNotEqual(repo.tip(), tip)
        self.assertIn(0, [status for status, _, _ in results])
        self.assertLessEqual({status for status, _, _ in results}, {0, 75})
        self.assertEqual(len(repo.pulls("open")), 1)

    def race(self, repo, count, *args):
        """Several clones at once."""
        folders = [os.path.join(ROOT, f"{repo.name}-{i}") for i in range(count)]
        for folder in folders:
            shutil.copytree(repo.folder, folder)
        started = [repo.start(*args, folder=folder, env={"GIT_COMMITTER_DATE": f"2026-01-0{i + 1}T00:00:00Z"}) for i, folder in enumerate(folders)]
        return [repo.finish(process) for process in started]

    def test_two_runs_at_once(self):
        repo = self.repo()
        results = self.race(repo, 4)
        self.assertIn(0, [status for status, _, _ in results], results)
        self.assertLessEqual({status for status, _, _ in results}, {0, 75}, results)
        self.assertEqual(len(repo.pulls("open")), 1, results)
        # whoever lost comes back, and finds everything done
        self.expect(repo, 0, "request #1 ")
        self.assertEqual(len(repo.pulls("open")), 1)

    def test_just_filled(self):
        """The list of requests is not there for about a second after the first push."""
        repo = self.repo(wait=False)
        self.expect(repo, 0, "request #1 opened")


class Hostile(Case):
    def test_configuration_of_the_repository(self):
        ear = fake.Eavesdropper()
        self.addCleanup(ear.close)
        repo = self.repo()
        for key, value in ((f"url.{ear.origin}/.insteadOf", URL + "/"), (f"url.{ear.origin}/.pushInsteadOf", URL + "/"),
                           ("http.proxy", ear.origin), ("remote.origin.proxy", ear.origin), ("remote.origin.pushurl", ear.origin + "/x"),
                           ("credential.helper", "!touch " + ROOT + "/pwned; cat >" + ROOT + "/leak"),
                           ("core.sshCommand", "touch " + ROOT + "/pwned"), ("core.hooksPath", repo.folder + "/hooks"),
                           ("core.fsmonitor", "touch " + ROOT + "/pwned"), ("http.extraHeader", "X-Evil: 1")):
            repo.git("config", key, value)
        os.mkdir(repo.folder + "/hooks")
        with open(repo.folder + "/hooks/pre-push", "w") as file:
            file.write(f"#!/bin/sh\ntouch {ROOT}/pwned\n")
        os.chmod(repo.folder + "/hooks/pre-push", 0o755)
        self.expect(repo, 0, "request #1 opened")
        self.assertEqual(ear.heard, b"")
        self.assertFalse(os.path.exists(ROOT + "/pwned") or os.path.exists(ROOT + "/leak"))

    def test_a_remote_that_only_the_repository_names(self):
        ear = fake.Eavesdropper()
        self.addCleanup(ear.close)
        repo = self.repo()
        repo.git("remote", "set-url", "origin", ear.origin + "/bot/x.git")
        process = subprocess.run([OAKUM, "pr", "--branch", BRANCH, "--forge", "gitea", "--loopback-http"], cwd=repo.folder,
                                 env={**os.environ, "OAKUM_TOKEN": TOKEN}, capture_output=True, text=True, timeout=60)
        self.assertEqual(process.returncode, 2)
        self.assertIn("only the repository's own configuration names", process.stderr)
        # the page is the forge's, the remote is not: no token goes along
        self.expect(repo, 2, "")
        self.assertNotIn(TOKEN.encode(), ear.heard)
        self.assertNotIn(b"uthorization", ear.heard)
        self.assertEqual(repo.pulls(), [])

    def test_no_process_shows_the_token(self):
        repo = self.repo()
        shown, done = [], threading.Event()

        def watch():
            while not done.is_set():
                shown.extend(fake.processes_that_show(TOKEN))
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.expect(repo, 0, "request #1 opened")
        finally:
            done.set()
            watcher.join()
        self.assertEqual(shown, [])


class Many(Case):
    def test_repositories_of_a_list(self):
        repos = [Repo(f"many-{i}") for i in range(3)]
        with open(os.path.join(ROOT, "list"), "w") as file:
            file.write("".join(f"{repo.folder}\n" for repo in repos) + ROOT + "/none\n")
        env = {**os.environ, "OAKUM_TOKEN": TOKEN, "GITEA_SERVER_URL": URL}
        command = [OAKUM, "pr", "--branch", BRANCH, "--forge", "gitea", "--loopback-http", "--profile", "baseline", "--repos-from",
                   os.path.join(ROOT, "list"), "--format", "json"]
        for result in ("made", "same"):
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual([line["result"] for line in lines], [result] * 3 + ["failed"])
            self.assertEqual([line["pull_request"] for line in lines[:3]], [f"{URL}/bot/{repo.name}/pulls/1" for repo in repos])


    def test_private_repositories_by_their_address(self):
        repo = Repo("by-address")
        api("PATCH", f"/repos/bot/{repo.name}", {"private": True})
        env = {**os.environ, "OAKUM_TOKEN": TOKEN, "HOME": ROOT, "XDG_CACHE_HOME": ROOT + "/cache", "GIT_COMMITTER_NAME": "Bot",
               "GIT_COMMITTER_EMAIL": "bot@example.org", "GIT_AUTHOR_NAME": "Bot", "GIT_AUTHOR_EMAIL": "bot@example.org"}
        command = [OAKUM, "pr", "--branch", BRANCH, "--forge", "gitea", "--loopback-http", "--profile", "baseline", "--repos-from", "-"]
        for words in ("request #1 opened", "request #1 is up to date"):
            done = subprocess.run(command, input=repo.url + "\n", env=env, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(words, done.stdout)
        # the base moves: the copy in the cache follows
        repo.write({"deploy/more.yaml": POD.format(name="more")})
        done = subprocess.run(command, input=repo.url + "\n", env=env, capture_output=True, text=True, timeout=120)
        self.assertIn("request #1 updated", done.stdout, done.stderr)
        kept = subprocess.run(["grep", "-r", TOKEN, ROOT + "/cache"], capture_output=True, text=True)
        self.assertEqual(kept.stdout, "", "the token is in the cache")


def skip():
    print("gitea: skipped: no Go to build Gitea with", file=sys.stderr)
    return 1 if os.environ.get("OAK_CI") else 77


def main():
    global OAKUM, URL, TOKEN, REVIEWER, ROOT
    OAKUM = os.path.abspath(sys.argv.pop(1))
    built = subprocess.run(["sh", HERE + "/gitea.sh", "build"], stdout=subprocess.DEVNULL)
    if built.returncode == 77:
        return skip()
    if built.returncode != 0:
        return 1
    ROOT = tempfile.mkdtemp(prefix="oakum-gitea-")
    os.chmod(ROOT, 0o755)
    forge = ROOT + "/forge"
    try:
        URL = subprocess.run(["sh", HERE + "/gitea.sh", "start", forge], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        TOKEN, REVIEWER = (open(f"{forge}/{name}").read().strip() for name in ("token", "reviewer-token"))
        result = unittest.main(verbosity=2, exit=False).result
        return 0 if result.wasSuccessful() and result.testsRun else 1
    finally:
        subprocess.run(["sh", HERE + "/gitea.sh", "stop", forge])
        shutil.rmtree(ROOT, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
