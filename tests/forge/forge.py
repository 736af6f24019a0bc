#!/usr/bin/python3
"""oakum's side of the conversation with forges, against fake.py.    usage: forge.py FORGE-PROBE [Class.test…]"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import fake
from fake import TOKEN, Fault

PROBE = None
KINDS = (fake.GitHub, fake.GitLab, fake.Gitea)


def probe(command, url, *options, token=TOKEN, env=None):
    """Exit status, lines of stdout, stderr. Every run proves that the token is in neither stream."""
    clean = {k: v for k, v in os.environ.items() if not any(w in k.upper() for w in ("TOKEN", "PROXY", "GITHUB", "GITLAB", "GITEA"))}
    clean.update({"OAKUM_TOKEN": token} if token else {})
    clean.update(env or {})
    done = subprocess.run([PROBE, command, url, *options], env=clean, capture_output=True, text=True, timeout=60)
    assert TOKEN not in done.stdout + done.stderr, "the token is in the output"
    assert "Sanitizer" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines(), done.stderr


def wish(title="harden", body="text", *more):
    return ["head=oakum/fix", "base=main", f"title={title}", f"body={body}", "named", "loopback", *more]


class Case(unittest.TestCase):
    def each(self):
        """Every kind of forge in turn, fresh. None of them ever sees the token in a process list."""
        for kind in KINDS:
            forge = self.one(kind)
            yield forge
            self.assertEqual(forge.shown, [])

    def one(self, kind):
        forge = kind()
        self.addCleanup(forge.close)
        return forge

    def run_on(self, forge, command, *options, **more):
        return probe(command, forge.url, "forge=" + forge.kind, *options, **more)

    def expect(self, forge, outcome, number, *options, command="propose", **more):
        status, lines, err = self.run_on(forge, command, *options, **more)
        self.assertEqual((status, lines[:2]), (0, [outcome, str(number)]), forge.kind + ": " + err)
        return [line for line in lines[3:]]

    def expect_failure(self, forge, status, words, *options, command="propose", **more):
        got, lines, err = self.run_on(forge, command, *options, **more)
        self.assertEqual((got, lines), (status, []), forge.kind + ": " + err)
        self.assertIn(words, err)
        return err

    def changes(self, forge):
        return [c for c in forge.seen if c[0] != "GET"]


class Propose(Case):
    def test_opens_once_and_then_changes_nothing(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            pull = forge.one(1)
            self.assertEqual((pull["title"], pull["head"], pull["base"]), ("harden", "oakum/fix", "main"))
            self.assertRegex(pull["body"], r"\A<!-- oakum:v1 digest=[0-9a-f]{16} title=[0-9a-f]{16} -->\ntext\n<!-- oakum:end -->\Z")
            written = len(self.changes(forge))
            self.expect(forge, "unchanged", 1, *wish())
            self.assertEqual(len(self.changes(forge)), written)
            self.assertEqual(len(forge.pulls), 1)

    def test_updates_in_place_and_keeps_what_people_wrote(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            pull = forge.one(1)
            pull["body"] = "my note\r\n" + pull["body"].replace("\n", "\r\n") + "\r\nanother"
            self.expect(forge, "updated", 1, *wish("harden more", "new text"))
            self.assertEqual(pull["title"], "harden more")
            self.assertTrue(pull["body"].startswith("my note\r\n<!-- oakum:v1 "))
            self.assertTrue(pull["body"].endswith("\nnew text\n<!-- oakum:end -->\r\nanother"), pull["body"])
            self.expect(forge, "unchanged", 1, *wish("harden more", "new text"))

    def test_keeps_a_title_that_a_person_gave(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            forge.one(1)["title"] = "by hand"
            self.expect(forge, "updated", 1, *wish("harden more", "new text"))
            self.assertEqual(forge.one(1)["title"], "by hand")

    def test_draft(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish("harden", "text", "draft"))
            pull = forge.one(1)
            prefix = {"github": "", "gitlab": "Draft: ", "gitea": "WIP: "}[forge.kind]
            self.assertEqual(pull["title"], prefix + "harden")
            self.assertEqual(pull["draft"], forge.kind == "github")
            self.expect(forge, "unchanged", 1, *wish("harden", "text", "draft"))
            self.expect(forge, "updated", 1, *wish("other", "text"))
            self.assertEqual(pull["title"], prefix + "other")

    def test_a_text_of_a_person_is_left_alone(self):
        for forge in self.each():
            forge.add(body="I opened this one")
            self.expect(forge, "foreign", 1, *wish())
            self.expect(forge, "foreign", 1, *wish(), command="withdraw")
            self.assertEqual(self.changes(forge), [])

    def test_a_mark_without_its_end_is_left_alone(self):
        for forge in self.each():
            forge.add(body="<!-- oakum:v1 digest=0 title=0 -->\nrewritten by hand")
            self.expect(forge, "foreign", 1, *wish())
            self.assertEqual(self.changes(forge), [])

    def test_closed_means_no_and_reopen_means_yes(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            forge.one(1)["state"] = "closed"
            written = len(self.changes(forge))
            self.expect(forge, "declined", 1, *wish("other", "other"))
            self.expect(forge, "declined", 1, *wish(), command="look")
            self.assertEqual(len(self.changes(forge)), written)
            self.expect(forge, "reopened", 1, *wish("other", "other", "reopen"))
            self.assertEqual((forge.one(1)["state"], forge.one(1)["title"]), ("open", "other"))

    def test_reopening_that_is_refused_opens_a_new_one(self):
        for forge in self.each():
            forge.add(state="closed")
            forge.forbid_reopen = True
            self.expect(forge, "opened", 2, *wish("harden", "text", "reopen"))

    def test_merged_is_no_refusal(self):
        for forge in self.each():
            forge.add(state="closed", merged=True)
            self.expect(forge, "opened", 2, *wish())

    def test_closed_by_a_person_counts_even_after_an_older_merge(self):
        for forge in self.each():
            forge.add(state="closed", merged=True)
            forge.add(state="closed")
            self.expect(forge, "declined", 2, *wish())

    def test_other_branches_bases_and_forks_are_not_ours(self):
        for forge in self.each():
            forge.add(head="oakum/fix-2")
            forge.add(base="release")
            forge.add(fork=True)
            forge.add(fork=True, state="closed")
            self.expect(forge, "opened", 5, *wish())
            self.expect(forge, "unchanged", 5, *wish())

    def test_pages(self):
        for forge in self.each():
            for _ in range(7):
                forge.add(state="closed", merged=True)
            forge.pulls[0].update(state="open", merged=False, body="<!-- oakum:v1 digest=0 title=0 -->\nx\n<!-- oakum:end -->")
            self.expect(forge, "updated", 1, *wish())
            self.assertEqual(len(forge.calls("GET")), 4)

    def test_withdraw_closes_with_a_word_and_may_come_back(self):
        for forge in self.each():
            self.expect(forge, "none", 0, *wish(), command="withdraw")
            self.expect(forge, "opened", 1, *wish())
            self.expect(forge, "closed", 1, *wish("", "nothing is left"), command="withdraw")
            self.assertEqual(forge.one(1)["state"], "closed")
            self.assertIn("\ntext\n", forge.one(1)["body"])
            self.assertEqual([c[1]["body"] for c in forge.comments], ["nothing is left"])
            self.expect(forge, "none", 0, *wish(), command="withdraw")
            self.assertEqual(len(forge.comments), 1)
            self.expect(forge, "opened", 2, *wish())

    def test_reopened_by_a_person_after_withdrawal(self):
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            self.expect(forge, "closed", 1, *wish("", "nothing"), command="withdraw")
            forge.one(1)["state"] = "open"
            self.expect(forge, "updated", 1, *wish())
            forge.one(1)["state"] = "closed"
            self.expect(forge, "declined", 1, *wish())

    def test_labels_and_reviewers_once(self):
        for forge in self.each():
            notes = self.expect(forge, "opened", 1, *wish("a", "b", "label=security", "label=k8s", "reviewer=ann", "reviewer=shop/ops"))
            self.expect(forge, "updated", 1, *wish("a", "c", "label=security", "reviewer=ann"))
            if forge.kind == "gitlab":
                self.assertEqual(forge.labels, [(1, "security,k8s")])
                self.assertEqual(forge.reviewers, [(1, {"reviewer_ids": [31]})])
                self.assertEqual(notes, ["note: a reviewer is not asked: there is nobody called 'shop/ops'"])
            else:
                self.assertEqual(forge.labels, [(1, {"labels": ["security", "k8s"]})])
                self.assertEqual(forge.reviewers, [(1, {"reviewers": ["ann"], "team_reviewers": ["ops"]})])
                self.assertEqual(notes, [])

    def test_a_label_that_fails_does_not_undo_the_request(self):
        forge = self.one(fake.GitHub)
        forge.faults = [Fault("POST", "/labels", 404, {"message": "Not Found"})]
        notes = self.expect(forge, "opened", 1, *wish("a", "b", "label=x"))
        self.assertEqual(len(notes), 1)
        self.assertIn("the labels are not set", notes[0])


class Races(Case):
    def test_somebody_was_faster(self):
        """The list was empty, then another run created it: 422 or 409."""
        for forge in self.each():
            self.expect(forge, "opened", 1, *wish())
            empty = Fault("GET", "/(pulls|merge_requests)", 200, [])
            forge.faults = [empty]
            self.expect(forge, "unchanged", 1, *wish())
            self.assertEqual(len(forge.pulls), 1)

    def test_a_lost_answer_is_looked_up_not_repeated(self):
        for forge in self.each():
            forge.faults = [Fault("POST", "/(pulls|merge_requests)$", after=True, drop=True)]
            self.expect(forge, "opened", 1, *wish())
            self.assertEqual(len([c for c in forge.calls("POST") if c.endswith(("pulls", "merge_requests"))]), 1)

    def test_a_lost_request_is_not_repeated_either(self):
        for forge in self.each():
            forge.faults = [Fault("POST", "/(pulls|merge_requests)$", drop=True)]
            self.expect_failure(forge, 75, "no answer from the forge", *wish())
            self.assertEqual(forge.pulls, [])
            self.expect(forge, "opened", 1, *wish())

    def test_a_bad_gateway_after_creation(self):
        for forge in self.each():
            forge.faults = [Fault("POST", "/(pulls|merge_requests)$", 502, b"<html>bad gateway", after=True)]
            self.expect(forge, "opened", 1, *wish())
            self.assertEqual(len(forge.pulls), 1)

    def test_several_runs_at_once_leave_one(self):
        """As Gitea does: its check for duplicates loses races."""
        forge = self.one(fake.Gitea)
        forge.racy = True
        forge.faults = [Fault("GET", "/pulls", 200, [], times=4)]
        threads = [threading.Thread(target=self.run_on, args=(forge, "propose", *wish())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([p["number"] for p in forge.pulls if p["state"] == "open"], [1])
        self.expect(forge, "unchanged", 1, *wish())


class Failures(Case):
    def test_a_failed_list_is_never_none(self):
        for forge in self.each():
            for status, words, exit_status in ((500, "ill", 75), (403, "may not", 1), (401, "does not accept", 1)):
                forge.faults = [Fault("GET", "/(pulls|merge_requests)", status, {"message": "no"}, times=99)]
                for command in ("propose", "withdraw", "look"):
                    self.expect_failure(forge, exit_status, words, *wish("a", "b", "max-wait=1"), command=command)
            for body in (b"", b"<html>", b"{}", b"[1]", b'[{"state":"open"', b'[{"id": 1}]', b"null"):
                forge.faults = [Fault("GET", "/(pulls|merge_requests)", 200, body)]
                self.expect_failure(forge, 1, "not what its API promises", *wish())
            self.assertEqual(forge.pulls, [])
            self.assertEqual(self.changes(forge), [])

    def test_a_failed_second_page_is_never_none(self):
        for forge in self.each():
            for _ in range(3):
                forge.add(state="closed", merged=True)
            forge.faults = [Fault("GET", "page=2", 500, {}, times=9)]
            self.expect_failure(forge, 75, "ill", *wish("a", "b", "max-wait=1"))
            self.assertEqual(self.changes(forge), [])

    def test_a_young_repository_is_waited_for(self):
        for forge in self.each():
            forge.faults = [Fault("GET", "/(pulls|merge_requests)", 404, {"message": "Not Found"}, times=2)]
            self.expect(forge, "opened", 1, *wish())

    def test_a_repository_that_is_not_there(self):
        for forge in self.each():
            forge.faults = [Fault("GET", "/shop", 404, {"message": "Not Found"}, times=9)]
            self.expect_failure(forge, 1, "there is no repository 'shop/deploy'", *wish())

    def test_a_repository_that_stays_young(self):
        forge = self.one(fake.Gitea)
        forge.faults = [Fault("GET", "/pulls", 404, {"message": "Not Found"}, times=99)]
        self.expect_failure(forge, 75, "does not list", *wish("a", "b", "max-wait=1"))

    def test_a_branch_that_is_not_everywhere_yet(self):
        forge = self.one(fake.GitHub)
        forge.head_invalid = 1
        self.expect(forge, "opened", 1, *wish())

    def test_wrong_token(self):
        for forge in self.each():
            self.expect_failure(forge, 1, "does not accept the token", *wish(), token="another")

    def test_a_server_that_is_ill_for_a_moment(self):
        for forge in self.each():
            forge.faults = [Fault("GET", "/(pulls|merge_requests)", 503, b"", times=2)]
            self.expect(forge, "opened", 1, *wish())
            forge.faults = [Fault("(PATCH|PUT)", "", 502, b"")]
            self.expect(forge, "updated", 1, *wish("a", "other"))

    def test_refusal_in_the_forges_words(self):
        forge = self.one(fake.GitHub)
        forge.faults = [Fault("POST", "/pulls$", 422, {"message": "Validation Failed", "errors": [
            {"resource": "PullRequest", "code": "custom", "message": "No commits between main and oakum/fix\x1b[31m\nx " + TOKEN}]})]
        err = self.expect_failure(forge, 1, "No commits between main and oakum/fix [31m x ***", *wish())
        self.assertEqual(len(err.splitlines()), 1)
        self.assertNotIn("\x1b", err)

    def test_nobody_listens(self):
        forge = fake.GitHub()
        forge.close()
        self.expect_failure(forge, 75, "no answer from the forge", *wish("a", "b", "max-wait=1"))

    def test_an_endless_answer(self):
        forge = self.one(fake.GitHub)
        forge.faults = [Fault("GET", "/pulls", 200, b"[" + b" " * (17 << 20))]
        self.expect_failure(forge, 1, "larger than", *wish())

    def test_deep_json(self):
        forge = self.one(fake.GitHub)
        forge.faults = [Fault("GET", "/pulls", 200, b"[" * 1000000)]
        self.expect_failure(forge, 1, "not what its API promises", *wish())


class Limits(Case):
    def timed(self, forge, seconds, outcome="opened"):
        start = time.monotonic()
        self.expect(forge, outcome, 1, *wish())
        self.assertGreaterEqual(time.monotonic() - start, seconds)

    def test_retry_after(self):
        """GitHub's secondary limit is a 403; GitLab and Gitea say 429. Creation is repeated here: nothing happened."""
        for forge in self.each():
            status = 403 if forge.kind == "github" else 429
            message = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
            forge.faults = [Fault("GET", "", status, message, {"Retry-After": "1"}),
                            Fault("POST", "/(pulls|merge_requests)$", status, message, {"Retry-After": "1"})]
            self.timed(forge, 2)
            self.assertEqual(len(forge.pulls), 1)

    def test_primary_limit(self):
        forge = self.one(fake.GitHub)
        forge.faults = [Fault("GET", "", 403, {"message": "API rate limit exceeded"},
                              {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)})]
        self.timed(forge, 1)

    def test_a_long_limit_is_left_to_the_next_run(self):
        for forge in self.each():
            forge.faults = [Fault("GET", "", 429, {}, {"Retry-After": "3600"})]
            self.expect_failure(forge, 75, "try again in 3600 seconds", *wish())
            forge.faults = [Fault("GET", "", 429, {}, {})]
            self.expect_failure(forge, 75, "try again in 60 seconds", *wish("a", "b", "max-wait=5"))

    def test_github_is_not_written_to_more_than_once_a_second(self):
        forge = self.one(fake.GitHub)
        start = time.monotonic()
        self.expect(forge, "opened", 1, *wish("a", "b", "label=x", "reviewer=y"))
        self.assertGreaterEqual(time.monotonic() - start, 2)


class Secrets(Case):
    def setUp(self):
        self.ear = fake.Eavesdropper()
        self.addCleanup(self.ear.close)

    def heard_nothing(self):
        self.assertNotIn(TOKEN.encode(), self.ear.heard)
        self.assertEqual(self.ear.heard, b"")

    def test_redirects(self):
        for forge in self.each():
            for status in (301, 302, 307, 308):
                for verb in ("GET", "POST"):
                    forge.faults = [Fault(verb, "/(pulls|merge_requests)", status, {}, {"Location": self.ear.origin + "/api"})]
                    self.expect_failure(forge, 1, "sends elsewhere", *wish())
        self.heard_nothing()

    def test_next_page_elsewhere(self):
        for forge in self.each():
            evil = [self.ear.origin, forge.origin + forge.prefix + "9", forge.origin + "@" + self.ear.origin.removeprefix("http://"), forge.origin + "9", "//evil", "/x"]
            for url in evil:
                forge.faults = [Fault("GET", "", 200, [], {"Link": f'<{url}/pulls?page=2>; rel="next"'})]
                self.expect_failure(forge, 1, "on another server", *wish())
            self.assertEqual(self.changes(forge), [])
        self.heard_nothing()

    def test_proxy_of_the_environment_is_for_https_only(self):
        forge = self.one(fake.GitHub)
        self.expect(forge, "opened", 1, *wish(), env={"http_proxy": self.ear.origin, "ALL_PROXY": self.ear.origin})
        self.heard_nothing()

    def test_token_file(self):
        forge = self.one(fake.GitHub)
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "token")
            for text, works in ((TOKEN + "\n", True), ("", False), ("two\nlines", False), (TOKEN + "\r\nX-Evil: 1", False), ("x" * 5000, False)):
                with open(name, "w") as file:
                    file.write(text)
                status, lines, err = self.run_on(forge, "propose", *wish(), "token-file=" + name, token=None)
                self.assertEqual(status, 0 if works else 2, err)
            self.expect_failure(forge, 2, "cannot read the token file", *wish(), "token-file=" + folder + "/none", token=None)

    def test_which_variable_goes_where(self):
        """Tokens of github.com are not for any other server; a server of one's own is what the environment says it is."""
        forge = self.one(fake.GitHub)
        host = forge.origin.removeprefix("http://")
        self.expect_failure(forge, 2, "no token for", *wish(), token=None)
        self.expect_failure(forge, 2, "GITHUB_TOKEN is not sent to", *wish(), token=None, env={"GITHUB_TOKEN": TOKEN})
        self.expect(forge, "opened", 1, *wish(), token=None, env={"GITHUB_TOKEN": TOKEN, "GITHUB_SERVER_URL": forge.origin})
        self.expect(forge, "unchanged", 1, *wish(), token=None, env={"GH_ENTERPRISE_TOKEN": TOKEN, "GH_HOST": host})
        self.expect_failure(forge, 2, "no token for", *wish(), token=None, env={"GITLAB_TOKEN": TOKEN})
        self.expect(forge, "unchanged", 1, *wish(), env={"GITHUB_TOKEN": "another"})

    def test_a_host_that_only_the_repository_names(self):
        forge = self.one(fake.GitHub)
        options = [o for o in wish() if o != "named"]
        self.expect_failure(forge, 2, "only the repository's own configuration names", *options)
        self.assertEqual(forge.seen, [])
        self.expect(forge, "opened", 1, *options, env={"GITHUB_SERVER_URL": forge.origin})

    def test_http_is_for_tests(self):
        forge = self.one(fake.GitHub)
        self.expect_failure(forge, 2, "not encrypted", *[o for o in wish() if o != "loopback"])
        self.assertEqual(forge.seen, [])


class Places(unittest.TestCase):
    GOOD = (
        ("https://github.com/o/r.git", None, "https://github.com/o/r/blob/c0ffee/"),
        ("https://GitHub.com/o/r", None, "https://github.com/o/r/blob/c0ffee/"),
        ("git@github.com:o/r.git", None, "https://github.com/o/r/blob/c0ffee/"),
        ("ssh://git@github.com:22/o/r.git/", None, "https://github.com/o/r/blob/c0ffee/"),
        ("https://gitlab.com/a/b/c/r.git", None, "https://gitlab.com/a/b/c/r/-/blob/c0ffee/"),
        ("git@gitlab.example.org:a/b/r.git", None, "https://gitlab.example.org/a/b/r/-/blob/c0ffee/"),
        ("https://codeberg.org/o/r.git", None, "https://codeberg.org/o/r/src/commit/c0ffee/"),
        ("https://git.example.org:3000/o/r", "gitea", "https://git.example.org:3000/o/r/src/commit/c0ffee/"),
        ("https://[2001:db8::1]:8443/o/r", "gitea", "https://[2001:db8::1]:8443/o/r/src/commit/c0ffee/"),
        ("http://localhost:80/o/r", "gitea", "http://localhost:80/o/r/src/commit/c0ffee/"),
    )
    BAD = (
        ("https://git.example.org/o/r", None, "which forge"),
        ("https://github.com/o", None, "names no repository"),
        ("https://github.com/", None, "names no repository"),
        ("https://github.com/o/r/s", None, "names no repository"),
        ("https://github.com/o/..", None, "names no repository"),
        ("https://github.com/../r", None, "names no repository"),
        ("https://github.com/o/r?x=1", None, "names no repository"),
        ("https://github.com/o/%2e%2e", None, "names no repository"),
        ("https://u:p4ss@github.com/o/r", None, "holds a user or a password"),
        ("https://github.com@evil.example/o/r", None, "holds a user or a password"),
        ("https://evil.example\\@github.com/o/r", None, "holds a user or a password"),
        ("https://github.com#@evil.example/o/r", None, "holds a user or a password"),
        ("https://github.com#evil/o/r", None, "names no host"),
        ("https://github.com\n.evil/o/r", None, "names no host"),
        ("http://github.com/o/r", None, "http would show the token"),
        ("http://127.0.0.1.evil.example/o/r", "gitea", "http would show the token"),
        ("file:///srv/git/r.git", "gitea", "no forge is behind"),
        ("ext::sh -c id", "gitea", "names no repository"),
        ("/srv/git/r.git", "gitea", "no forge is behind"),
        ("../r.git", "gitea", "no forge is behind"),
    )

    def test_urls(self):
        for url, kind, link in self.GOOD:
            with self.subTest(url=url):
                status, lines, err = probe("place", url, *(["forge=" + kind] if kind else []))
                self.assertEqual((status, lines), (0, [link]), err)

    def test_urls_that_are_none(self):
        for url, kind, words in self.BAD:
            with self.subTest(url=url):
                status, lines, err = probe("place", url, *(["forge=" + kind] if kind else []))
                self.assertEqual((status, lines), (2, []), err)
                self.assertIn(words, err)
                self.assertNotIn("p4ss", err)


def run_all(names):
    """All tests at once, since they mostly wait. A failure prints; nothing at all to run is a failure, too."""
    loader, module = unittest.defaultTestLoader, sys.modules[__name__]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    flat, tests = [suite], []
    while flat:
        item = flat.pop()
        if isinstance(item, unittest.TestSuite):
            flat.extend(item)
        else:
            tests.append(item)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda test: test.run(), tests))
    bad = [problem for result in results for problem in result.failures + result.errors]
    for test, trace in bad:
        print(f"FAIL {test}\n{trace}")
    print(f"{len(tests)} tests, {len(bad)} failures")
    return 1 if bad or not tests else 0


if __name__ == "__main__":
    PROBE = os.path.abspath(sys.argv[1])
    sys.exit(run_all(sys.argv[2:]))
