"""What stays in one repository."""
import json
import os
import random
import signal
import subprocess
import time

from run import POD, says

BENIGN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n"


def hunks(diff):
    """A diff without the lines in which git and oakum may differ."""
    return [line for line in diff.split("\n") if not line.startswith(("diff ", "index ", "--- ", "+++ ", "new ", "@@"))]


def compare_with_fix(w, repo, base, branch):
    """The branch is what `fix` makes of a checkout, and its diff is that of `diff`."""
    w.git(repo, "worktree", "add", "-q", "--detach", w.path("checkout"), base)
    told = w.oakum("diff", ".", cwd=w.path("checkout")).stdout.decode()
    w.oakum("fix", ".", cwd=w.path("checkout"))
    w.git("checkout", "add", "-A")
    assert w.git("checkout", "write-tree") == w.git(repo, "rev-parse", branch + "^{tree}")
    assert hunks(told.strip("\n")) == hunks(w.git(repo, "diff", base, branch)), told
    w.git(repo, "worktree", "remove", "--force", w.path("checkout"))


def test_branch_is_what_fix_does(w):
    repo = w.repo(files={"a/web.yaml": POD, "a/b/web.yml": POD, "web.yaml": POD, "x.json": BENIGN, "notes.txt": POD,
                         "other/empty.yaml": ""})
    w.write("repo/untracked.yaml", POD)
    w.write("repo/web.yaml", POD + "# not committed\n")
    index, head = open(w.path("repo/.git/index"), "rb").read(), w.tip(repo, "HEAD")
    done = w.commit(repo, status=0)
    says(done, "branch 'oakum/harden': 1 commit, 3 files, now at " + w.tip(repo)[:12])
    assert open(w.path("repo/.git/index"), "rb").read() == index and w.tip(repo, "HEAD") == head
    assert open(w.path("repo/web.yaml")).read().endswith("# not committed\n")
    assert w.git(repo, "rev-parse", "oakum/harden^") == head
    assert w.git(repo, "diff", "--name-only", "main", "oakum/harden") == "a/b/web.yml\na/web.yaml\nweb.yaml"
    assert w.git(repo, "rev-parse", "main:other") == w.git(repo, "rev-parse", "oakum/harden:other")
    compare_with_fix(w, repo, "main", "oakum/harden")
    w.fsck(repo)


def test_bare(w):
    w.repo()
    w.git(None, "clone", "-q", "--bare", w.path("repo"), w.path("bare"))
    w.commit("bare", status=0)
    assert w.git("bare", "rev-parse", "oakum/harden^") == w.git("bare", "rev-parse", "main")
    w.fsck("bare")
    assert w.git("bare", "reflog", "show", "oakum/harden") == ""
    w.commit("repo", status=0)
    assert "by oakum" in w.git("repo", "reflog", "show", "oakum/harden")


def test_message_and_trailers(w):
    repo = w.repo(files={"apps/shop/web.yaml": POD, "apps/shop/db.yaml": POD})
    w.commit(repo, "--signoff", status=0)
    lines = w.git(repo, "log", "-1", "--format=%B", "oakum/harden").split("\n")
    assert lines[0] == "apps/shop: harden 2 manifests" and lines[1] == "", lines
    assert any(line.split()[:2] == ["2", "privileged"] for line in lines if line), lines
    assert max(map(len, lines)) <= 80, lines
    trailers = w.git(repo, "log", "-1", "--format=%(trailers:only)", "oakum/harden").split("\n")
    assert trailers[0] == "Oakum-Base: " + w.git(repo, "rev-parse", "main^{tree}"), trailers
    assert trailers[1].startswith("Oakum-Digest: ") and trailers[2] == "Signed-off-by: Bot <bot@example.org>"


def test_odd_entries_survive(w):
    odd = [b"with space.yaml", b"quote\"'.yaml", b"new\nline.yaml", b"\xff\xfe.yaml", b"back\\slash.yaml", b"-dash.yaml",
           b"Case.yaml", b"case.yaml", b".hidden.yaml", b"a.yaml", b"a/in.yaml", b"a-b.yaml", b"a0.yaml", b"..yaml", b".gitx.yaml"]
    repo = w.repo(files={name: POD for name in odd})
    os.chmod(w.path("repo/a.yaml"), 0o755)
    os.symlink("../outside", w.path("repo/link.yaml"))
    os.symlink("a.yaml", w.path("repo/inside.yaml"))
    w.save(repo, "modes")
    w.git(repo, "update-index", "--add", "--cacheinfo", "160000," + "1" * 40 + ",sub.yaml")
    w.git(repo, "commit", "-q", "-m", "submodule")
    w.commit(repo, status=0)
    listing = [w.git(repo, "ls-tree", "-rz", ref).split("\0") for ref in ("main", "oakum/harden")]
    strip = [[(line.split(" ")[0], line.partition("\t")[2]) for line in lines] for lines in listing]
    assert strip[0] == strip[1]
    changed = w.git(repo, "diff", "-z", "--name-only", "main", "oakum/harden").split("\0")[:-1]
    assert sorted(map(os.fsencode, changed)) == sorted(odd), changed
    assert w.git(repo, "ls-tree", "oakum/harden", "a.yaml").startswith("100755 ")
    w.fsck(repo)


def test_old_modes_survive(w):
    repo = w.repo()
    blob = w.git(repo, "rev-parse", "main:web.yaml")
    tree = w.object(repo, "tree", b"100664 web.yaml\0" + bytes.fromhex(blob))
    base = w.git(repo, "commit-tree", "-m", "old", tree)
    w.commit(repo, "--base", base, status=0)
    raw = w.run(["git", "-C", w.path(repo), "cat-file", "tree", "oakum/harden^{tree}"]).stdout
    assert raw.startswith(b"100664 web.yaml\0"), raw


def test_filters_are_passed_over(w):
    files = {"lfs/.gitattributes": "*.yaml filter=lfs diff=lfs -text\n", "lfs/a.yaml": POD, "lfs/deep/b.yaml": POD,
             ".gitattributes": "secret.yaml filter=git-crypt\nsops-*.yaml filter=sops\nfree.yaml -filter\n",
             "secret.yaml": POD, "sops-x.yaml": POD, "free.yaml": POD, "plain/c.yaml": POD,
             "pointer.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"}
    repo = w.repo(files=files)
    w.git(None, "clone", "-q", "--bare", w.path("repo"), w.path("bare"))
    # Only the base counts, not what lies around.
    w.write("repo/plain/.gitattributes", "* filter=lfs\n")
    for name in ("repo", "bare"):
        done = w.commit(name, status=0)
        says(done, "lfs/deep/b.yaml: passed over: its attribute filter=lfs says")
        says(done, "secret.yaml: passed over: its attribute filter=git-crypt says")
        says(done, "sops-x.yaml: passed over: its attribute filter=sops says")
        says(done, "pointer.yaml: passed over: it is a pointer of Git LFS")
        assert w.git(name, "diff", "--name-only", "main", "oakum/harden") == "free.yaml\nplain/c.yaml"


def test_line_ends_stay(w):
    repo = w.repo(files={".gitattributes": "win.yaml text eol=crlf\nraw.yaml -text\n", "win.yaml": POD,
                         "raw.yaml": POD.replace("\n", "\r\n")})
    w.commit(repo, status=0)
    show = lambda path: w.run(["git", "-C", w.path(repo), "cat-file", "blob", "oakum/harden:" + path]).stdout
    assert b"\r" not in show("win.yaml") and show("raw.yaml").count(b"\r\n") == show("raw.yaml").count(b"\n")


HOSTILE = [b"..", b".", b".git", b".GIT", b".gIt", b"git~1", b"GIT~1", b".git ", b".git.", b".git...", b".git::$INDEX_ALLOCATION",
           b".g\xe2\x80\x8cit", b"\xef\xbb\xbf.git", b"a/b.yaml", b"../evil.yaml", b"..\\evil.yaml", b"x\\.git\\config", b""]


def test_hostile_names_refuse_the_repository(w):
    repo = w.repo()
    blob = bytes.fromhex(w.git(repo, "rev-parse", "main:web.yaml"))
    for name in HOSTILE:
        for in_folder in (False, True):
            entries = sorted([b"100644 web.yaml\0" + blob, b"100644 " + name + b"\0" + blob], key=lambda e: e[7:])
            tree = w.object(repo, "tree", b"".join(entries))
            if in_folder:
                tree = w.object(repo, "tree", b"40000 sub\0" + bytes.fromhex(tree) + b"100644 web.yaml\0" + blob)
            base = w.git(repo, "commit-tree", "-m", "evil", tree)
            done = w.commit(repo, "--base", base, status=3)
            says(done, "this repository is refused")
            assert not w.has_branch(repo), name


def test_damaged_trees_refuse_the_repository(w):
    repo = w.repo()
    blob = bytes.fromhex(w.git(repo, "rev-parse", "main:web.yaml"))
    folder = bytes.fromhex(w.object(repo, "tree", b"100644 web.yaml\0" + blob))
    entry = lambda name, mode=b"100644": mode + b" " + name + b"\0" + (folder if mode == b"40000" else blob)
    trees = {"twice": entry(b"a.yaml") * 2, "unsorted": entry(b"b.yaml") + entry(b"a.yaml"),
             "file and folder": entry(b"a") + entry(b"a.yaml") + entry(b"a", b"40000"),
             "cut": entry(b"a.yaml")[:-1], "no mode": b" a.yaml\0" + blob, "letters": entry(b"a.yaml", b"1006zz")}
    for what, data in trees.items():
        base = w.git(repo, "commit-tree", "-m", what, w.object(repo, "tree", data))
        says(w.commit(repo, "--base", base, status=3), "this repository is refused")
    assert not w.has_branch(repo)


def test_folders_without_end_refuse_the_repository(w):
    repo = w.repo()
    blob = bytes.fromhex(w.git(repo, "rev-parse", "main:web.yaml"))
    tree = w.object(repo, "tree", b"100644 web.yaml\0" + blob)
    for _ in range(300):
        tree = w.object(repo, "tree", b"40000 d\0" + bytes.fromhex(tree))
    done = w.commit(repo, "--base", w.git(repo, "commit-tree", "-m", "deep", tree), status=3)
    says(done, "too many folders in folders")


def test_modes_of_the_branch(w):
    repo = w.repo(files={"a.yaml": POD, "b.yaml": POD})
    w.commit(repo, "a.yaml", status=0)
    first = w.tip(repo)
    says(w.commit(repo, "a.yaml", status=0), "holds this already: same files, patches and options")
    assert w.tip(repo) == first
    says(w.commit(repo, status=2), "branch 'oakum/harden' exists: --mode replace makes it anew")
    assert w.tip(repo) == first
    says(w.commit(repo, "--mode", "append", status=0), "1 commit, 1 file")
    second = w.tip(repo)
    assert w.tip(repo, "oakum/harden^") == first
    says(w.commit(repo, "--mode", "append", status=0), "nothing to fix: branch 'oakum/harden' stays as it is")
    says(w.commit(repo, "--mode", "replace", status=0), "holds this already")  # in two commits
    w.commit(repo, "--mode", "replace", "--ignore", "non-root", status=0)
    w.commit(repo, "--mode", "replace", status=0)
    assert w.tip(repo, "oakum/harden^") == w.tip(repo, "main") and w.tip(repo) != second
    third = w.tip(repo)
    says(w.commit(repo, "--mode", "replace", status=0), "holds this already")
    assert w.tip(repo) == third
    # Other options, then another base.
    w.commit(repo, "--mode", "replace", "--ignore", "seccomp", status=0)
    assert w.tip(repo) != third
    w.write("repo/c.yaml", POD)
    w.save(repo, "two")
    w.commit(repo, "--mode", "replace", status=0)
    assert w.tip(repo, "oakum/harden^") == w.tip(repo, "main")
    compare_with_fix(w, repo, "main", "oakum/harden")
    w.fsck(repo)


def test_nothing_to_fix_makes_no_branch(w):
    repo = w.repo(files={"c.yaml": BENIGN})
    says(w.commit(repo, status=0), "nothing to fix: no branch 'oakum/harden' is made")
    assert not w.has_branch(repo)


def person_commits(w, repo, **env):
    w.git(repo, "worktree", "add", "-q", w.path("desk"), "oakum/harden")
    w.write("desk/by-hand.txt", "x")
    w.git("desk", "add", "-A")
    w.git("desk", "commit", "-q", "-m", "by hand", env=env)
    w.git(repo, "worktree", "remove", "--force", w.path("desk"))


def test_commit_of_a_person_stops_it(w):
    repo = w.repo(files={"a.yaml": POD})
    w.commit(repo, status=0)
    person_commits(w, repo)
    theirs = w.tip(repo)
    w.write("repo/b.yaml", POD)
    w.save(repo, "two")
    for mode in ("replace", "append"):
        done = w.commit(repo, "--mode", mode, status=2)
        says(done, f"branch 'oakum/harden' is left alone: commit {theirs[:10]} on it was not made by oakum")
    assert w.tip(repo) == theirs


def test_amended_commit_stops_it(w):
    repo = w.repo(files={"a.yaml": POD})
    w.commit(repo, status=0)
    w.git(repo, "worktree", "add", "-q", w.path("desk"), "oakum/harden")
    w.write("desk/a.yaml", POD + "# mine\n")
    w.git("desk", "commit", "-aq", "--amend", "--no-edit", env={"GIT_COMMITTER_DATE": "2037-01-01T00:00:00Z"})
    w.git(repo, "worktree", "remove", "--force", w.path("desk"))
    says(w.commit(repo, "--mode", "replace", status=2), "is left alone")


def test_commit_of_another_identity_stops_it(w):
    repo = w.repo()
    w.commit(repo, status=0, env={"GIT_COMMITTER_EMAIL": "other@example.org"})
    says(w.commit(repo, "--mode", "replace", "--fix=safe", status=2), "was not made by oakum as bot@example.org")


def test_a_date_of_the_environment_is_no_amendment(w):
    repo = w.repo()
    for key in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        env = {key: "1700000000 +0000"}
        w.commit(repo, status=0, env=env, branch=key)
        w.commit(repo, "--mode=replace", "--ignore=seccomp", status=0, env=env, branch=key)


def test_base_may_move_and_be_merged(w):
    repo = w.repo()
    w.commit(repo, status=0)
    w.git(repo, "merge", "-q", "--no-ff", "-m", "merged", "oakum/harden")
    says(w.commit(repo, "--mode", "replace", status=0), "nothing to fix")
    w.write("repo/b.yaml", POD)
    w.save(repo, "more")
    w.commit(repo, "--mode", "replace", status=0)
    assert w.tip(repo, "oakum/harden^") == w.tip(repo, "main")


def test_branch_that_is_still_right_stays(w):
    repo = w.repo(files={"a.yaml": POD, "notes.txt": "1"})
    for words in ([], ["--split", "patch"]):
        name = "x" + "".join(words).replace("-", "")
        w.commit(repo, *words, status=0, branch=name)
        tip, base = w.tip(repo, name), w.tip(repo, "main")
        w.write("repo/notes.txt", name)
        w.write("repo/more/" + name + ".yaml", BENIGN)
        w.save(repo, "elsewhere")
        for mode in ("create", "replace"):
            says(w.commit(repo, *words, "--mode", mode, status=0, branch=name), "holds this already: same files")
            assert w.tip(repo, name) == tip
        line = json.loads(w.commit(repo, *words, "--mode=replace", "--format=json", status=0, branch=name).stdout)
        assert line["result"] == "same" and line["base"] == base, line
        # It merges, and then there is nothing left.
        w.git(repo, "merge-tree", "--write-tree", "main", name)
    # A file that is fixed has changed; its mode has; another one needs a fix.
    w.write("repo/a.yaml", POD + "# later\n")
    w.save(repo, "here")
    says(w.commit(repo, "--mode=replace", status=0, branch="x"), "1 commit, 1 file")
    os.chmod(w.path("repo/a.yaml"), 0o755)
    w.save(repo, "mode")
    says(w.commit(repo, "--mode=replace", status=0, branch="x"), "1 commit, 1 file")
    w.write("repo/b.yaml", POD)
    w.save(repo, "another")
    says(w.commit(repo, "--mode=replace", status=0, branch="x"), "1 commit, 2 files")
    w.git(repo, "rm", "-q", "b.yaml")
    w.save(repo, "gone")
    says(w.commit(repo, "--mode=replace", status=0, branch="x"), "1 commit, 1 file")


def test_checked_out_branches_are_refused(w):
    repo = w.repo()
    says(w.commit(repo, "--mode", "append", branch="main", status=2), "branch 'main' is checked out")
    w.git(repo, "worktree", "add", "-q", "-b", "linked", w.path("desk"))
    says(w.commit(repo, "--mode", "append", branch="linked", status=2), "branch 'linked' is checked out")
    w.git(repo, "checkout", "-q", "--orphan", "unborn")
    says(w.commit(repo, "--base", "main", branch="unborn", status=2), "branch 'unborn' is checked out")
    w.git(None, "clone", "-q", "--bare", w.path("repo"), w.path("bare"), "-b", "main")
    w.commit("bare", "--mode", "append", branch="main", status=0)
    # From a linked work tree, too.
    w.commit("desk", branch="other", status=0)
    assert w.has_branch(repo, "other")


def test_branch_names(w):
    repo = w.repo()
    for name in ("HEAD", "-x", "a..b", "a b", "refs/heads/x", "x.lock", "@", "", "a/", "x" * 300):
        says(w.oakum("commit", "--repo", w.path(repo), "--branch=" + name, status=2), "--branch is a name")
    w.git(repo, "branch", "taken")
    done = w.commit(repo, branch="taken/below", status=2)
    says(done, "taken")
    w.git(repo, "pack-refs", "--all")
    w.commit(repo, status=0)
    w.git(repo, "pack-refs", "--all")
    w.commit(repo, "--mode", "replace", "--ignore", "seccomp", status=0)


def test_lock_means_try_again(w):
    repo = w.repo()
    w.write("repo/.git/refs/heads/oakum/harden.lock", "")
    says(w.commit(repo, status=75), "is locked: another process writes it")
    os.unlink(w.path("repo/.git/refs/heads/oakum/harden.lock"))
    w.commit(repo, status=0)


def test_identity(w):
    repo = w.repo()
    who = lambda: w.git(repo, "log", "-1", "--format=%an <%ae> %ad|%cn <%ce> %cd", "--date=raw", "oakum/harden")
    times = {"GIT_AUTHOR_DATE": "1700000000 +0200", "GIT_COMMITTER_DATE": "2023-11-15T00:13:20+02:00"}
    w.commit(repo, status=0, env=dict(times, GIT_AUTHOR_NAME="A <x>", GIT_COMMITTER_EMAIL="c@example.org"))
    assert who() == "A x <bot@example.org> 1700000000 +0200|Bot <c@example.org> 1700000000 +0200", who()
    w.git(repo, "config", "author.name", "Author")
    w.git(repo, "config", "committer.email", "c@example.org")
    w.commit(repo, "--mode", "replace", "--ignore=seccomp", status=0, env=times)
    assert who() == "Author <bot@example.org> 1700000000 +0200|Bot <c@example.org> 1700000000 +0200", who()
    says(w.commit(repo, env={"GIT_AUTHOR_DATE": "next tuesday"}, status=2), "GIT_AUTHOR_DATE is 'next tuesday'")
    # Where git is told to read other files, and what it is told without any.
    w.write("other", "[user]\n\tname = Other\n\temail = other@example.org\n")
    w.write("home/more", "[user]\n\temail = more@example.org\n")
    w.git(repo, "config", "--unset", "author.name")
    w.git(repo, "config", "--unset", "committer.email")
    w.commit(repo, status=0, branch="o", env=dict(times, GIT_CONFIG_GLOBAL=w.path("other")))
    assert "Other <other@example.org> 17" in w.git(repo, "log", "-1", "--format=%an <%ae> %ad", "--date=raw", "o")
    w.commit(repo, status=0, branch="p", env={"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "User.Name", "GIT_CONFIG_VALUE_0": "P"})
    assert w.git(repo, "log", "-1", "--format=%an <%ae>", "p") == "P <bot@example.org>"
    w.git(None, "config", "--global", f"includeIf.gitdir:{w.path('repo')}/.path", w.path("home/more"))
    w.commit(repo, status=0, branch="q")
    assert w.git(repo, "log", "-1", "--format=%an <%ae>", "q") == "Bot <more@example.org>"
    w.git(None, "config", "--global", "--unset", f"includeIf.gitdir:{w.path('repo')}/.path")
    for key in ("user.name", "user.email"):
        w.git(None, "config", "--global", "--unset", key)
    says(w.commit(repo, status=2, branch="x"), "git does not know the author's name: set user.name and user.email")
    assert not w.has_branch(repo, "x")


# libgit2 1.5 forgets memory when it looks for extensions of a repository (its regular expressions that do not match).
NO_LEAKS = {"ASAN_OPTIONS": "detect_leaks=0"}


def test_shallow_and_partial_clones(w):
    repo = w.repo(files={"a.yaml": POD, "b.yaml": POD})
    w.write("repo/a.yaml", POD + "# two\n")
    w.save(repo, "two")
    w.git(repo, "config", "uploadpack.allowFilter", "true")
    w.git(None, "clone", "-q", "--depth=1", "file://" + w.path(repo), w.path("shallow"))
    w.commit("shallow", status=0)
    w.fsck("shallow")
    w.commit("shallow", "--mode", "replace", "--ignore=seccomp", status=0)
    w.git(None, "clone", "-q", "--filter=blob:none", "--no-checkout", "file://" + w.path(repo), w.path("partial"))
    says(w.commit("partial", status=2, env=NO_LEAKS), "an object is missing here (a partial clone?")
    w.git("partial", "checkout", "-q", "main")
    w.commit("partial", status=0, env=NO_LEAKS)


def test_sha256_is_told(w):
    w.git(None, "init", "-q", "--object-format=sha256", w.path("new"))
    w.write("new/a.yaml", POD)
    w.save("new")
    says(w.commit("new", status=2, env=NO_LEAKS), "names its objects with SHA-256")


def test_other_owner_is_unsafe(w):
    if os.getuid() != 0:
        return "SKIP only root can give a repository away"
    repo = w.repo()
    subprocess.run(["chown", "-R", "65534:65534", w.path(repo)], check=True)
    says(w.commit(repo, status=3), "belongs to somebody else")
    w.git(None, "config", "--global", "--add", "safe.directory", w.path(repo))
    w.commit(repo, status=0)


def test_no_repository(w):
    w.write("empty/a.yaml", POD)
    says(w.commit("empty", status=2), "no repository at")
    w.git(None, "init", "-q", w.path("unborn"))
    says(w.commit("unborn", status=2), "no commit 'HEAD' in this repository")
    repo = w.repo()
    says(w.commit(repo, "--base", "nope", status=2), "no commit 'nope'")
    says(w.commit(repo, "--base", "main:web.yaml", status=2), "is not a commit")


def test_paths(w):
    repo = w.repo(files={"apps/a.yaml": POD, "apps2/b.yaml": POD, "c.yaml": POD})
    w.commit(repo, "./apps/", "c.yaml", status=0)
    assert w.git(repo, "diff", "--name-only", "main", "oakum/harden") == "apps/a.yaml\nc.yaml"
    says(w.commit(repo, "app", status=2, branch="x"), "'app' is not in the base: paths start at the root")
    assert not w.has_branch(repo, "x")
    w.commit(repo, ".", status=0, branch="all")
    assert w.git(repo, "diff", "--name-only", "main", "all").count("\n") == 2


def test_booby_traps_do_not_go_off(w):
    repo = w.repo(files={"a.yaml": POD, ".gitattributes": "*.txt filter=evil\n", "b.txt": "x"})
    trap = w.path("trap")
    w.write("trap", f"#!/bin/sh\ntouch {w.path('SPRUNG')}\nexit 1\n", 0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "filter.evil.clean", "filter.evil.smudge",
                "credential.helper", "gpg.program", "gpg.ssh.program", "core.pager", "core.editor", "uploadpack.packObjectsHook"):
        w.git(repo, "config", key, trap)
    w.git(repo, "config", "commit.gpgsign", "true")
    for hook in ("pre-commit", "post-commit", "commit-msg", "prepare-commit-msg", "reference-transaction", "post-checkout",
                 "update", "pre-push"):
        w.write(f"repo/.git/hooks/{hook}", open(trap).read(), 0o755)
    w.commit(repo, status=0)
    assert not os.path.exists(w.path("SPRUNG"))
    assert b"gpgsig" not in w.run(["git", "-C", w.path(repo), "cat-file", "commit", "oakum/harden"]).stdout


def test_signature_of_ssh(w):
    repo = w.repo()
    w.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", w.path("key")], 0)
    public = open(w.path("key.pub")).read().strip()
    w.write("signers", "bot@example.org " + public + "\n")
    for key, value in {"gpg.format": "ssh", "user.signingkey": w.path("key"), "commit.gpgsign": "true",
                       "gpg.ssh.allowedSignersFile": w.path("signers")}.items():
        w.git(None, "config", "--global", key, value)
    w.commit(repo, status=0)
    w.git(repo, "verify-commit", "oakum/harden")
    w.fsck(repo)
    w.commit(repo, "--no-sign", status=0, branch="bare-faced")
    w.git(repo, "verify-commit", "bare-faced", status=1)
    # A key of the repository's own choice is none.
    w.git(None, "config", "--global", "--unset", "user.signingkey")
    w.git(repo, "config", "user.signingkey", w.path("key"))
    says(w.commit(repo, status=2, branch="x"), "no key to sign with")
    assert not w.has_branch(repo, "x")


def test_signature_of_ssh_agent(w):
    repo = w.repo()
    w.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", w.path("key")], 0)
    public = open(w.path("key.pub")).read().strip()
    w.write("signers", "bot@example.org " + public + "\n")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", w.path("agent")], env=w.env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if os.path.exists(w.path("agent")):
                break
            time.sleep(0.05)
        env = {"SSH_AUTH_SOCK": w.path("agent")}
        w.run(["ssh-add", "-q", w.path("key")], 0, env=env)
        os.unlink(w.path("key"))
        for key, value in {"gpg.format": "ssh", "user.signingkey": "key::" + public,
                           "gpg.ssh.allowedSignersFile": w.path("signers")}.items():
            w.git(None, "config", "--global", key, value)
        w.commit(repo, "--sign", status=0, env=env)
        w.git(repo, "verify-commit", "oakum/harden")
        assert os.listdir(w.path("tmp")) == []
    finally:
        agent.kill()
        agent.wait()


def test_key_that_does_not_fit_on_the_disk(w):
    repo = w.repo()
    for key, value in {"gpg.format": "ssh", "user.signingkey": "key::ssh-rsa " + "A" * 100000}.items():
        w.git(None, "config", "--global", key, value)
    done = w.run(["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", w.oakum_path, "commit", "--repo", w.path(repo), "--branch", "x",
                  "--sign"], 75)
    says(done, "cannot write the key to sign with to a temporary file")
    assert os.listdir(w.path("tmp")) == []


def test_signature_of_gpg(w):
    repo = w.repo()
    # The socket of the agent needs a short path.
    os.mkdir(w.path("g"), 0o700)
    env = {"GNUPGHOME": w.path("g")}
    w.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "Bot <bot@example.org>", "ed25519", "sign", "0"],
          0, env=env)
    try:
        says(w.commit(repo, "--sign", status=2, env=dict(env, GNUPGHOME=w.path("home")), branch="x"), "did not sign the commit")
        w.commit(repo, "--sign", status=0, env=env)
        w.git(repo, "verify-commit", "oakum/harden", env=env)
        w.fsck(repo)
    finally:
        w.run(["gpgconf", "--kill", "all"], env=env)


def test_split_by_patch(w):
    repo = w.repo(files={"a.yaml": POD, "b/c.yaml": POD})
    w.commit(repo, status=0, branch="whole")
    w.commit(repo, "--split", "patch", status=0)
    assert w.git(repo, "rev-parse", "whole^{tree}") == w.git(repo, "rev-parse", "oakum/harden^{tree}")
    subjects = w.git(repo, "log", "--reverse", "--format=%s", "main..oakum/harden").split("\n")
    assert [s.split(":")[0] for s in subjects] == ["privileged", "seccomp"], subjects
    # One fix that makes sense only with another comes with it.
    message = w.git(repo, "log", "-1", "--format=%B", "oakum/harden^")
    assert "2  privilege-escalation" in message and "2  privileged" in message and "2  capabilities-drop" in message, message
    assert "seccomp" not in message, message
    says(w.commit(repo, "--split", "patch", "--mode=replace", status=0), "holds this already")
    w.commit(repo, "--split", "patch", "--mode=replace", "--ignore=seccomp", status=0)
    assert w.git(repo, "rev-list", "--count", "main..oakum/harden") == "1"
    w.fsck(repo)


CONFIG = """profile: baseline
exempt:
- patch: privileged
  path: agents/
  reason: works on the devices of its host
"""


def test_configuration_is_that_of_the_base(w):
    repo = w.repo(files={".oakum.yaml": CONFIG, "agents/a.yaml": POD, "b.yaml": POD})
    w.git(None, "clone", "-q", "--bare", w.path(repo), w.path("bare"))
    w.write("repo/.oakum.yaml", "profile: hardened\n")
    for name in ("repo", "bare"):
        done = w.commit(name, status=0)
        assert w.git(name, "diff", "--name-only", "main", "oakum/harden") == "b.yaml"
        says(done, "agents/a.yaml:9:7: ignored")
    compare_with_fix(w, repo, "main", "oakum/harden")
    # It is part of what is remembered; the command line goes first; there may be none.
    w.write("repo/.oakum.yaml", CONFIG + "- patch: seccomp\n  path: nowhere/\n  reason: none\n")
    w.save(repo, "another")
    says(w.commit(repo, "--mode=replace", status=0), "1 commit, 1 file")
    w.commit(repo, "--no-config", status=0, branch="without")
    assert "agents/a.yaml" in w.git(repo, "diff", "--name-only", "main", "without")
    w.write("mine.yaml", "select: [seccomp]\n")
    w.commit(repo, "--config", w.path("mine.yaml"), status=0, branch="mine")
    assert "privileged: true" in w.git(repo, "show", "mine:b.yaml")


def test_faults_of_a_configuration_are_told(w):
    repo = w.repo(files={"a.yaml": POD})
    for text, words in (("# ours\nprofile: best\n", ".oakum.yaml:2:1: "), ("x: 1\n", ".oakum.yaml:1:1: "),
                        ("select: [nope]\n", "no patch is called 'nope'"), ("patches: ../../etc\n", "there are no *.yaml files"),
                        ("patches: /etc\n", "there are no *.yaml files"),
                        ("exempt:\n- patch: nope\n  reason: x\n", ".oakum.yaml:2:")):
        w.write("repo/.oakum.yaml", text)
        w.save(repo, "config")
        says(w.commit(repo, status=2), words)
    assert not w.has_branch(repo)


OWN_PATCH = """id: {id}
title: Images without a digest
profile: baseline
tier: safe
target: pod
field: terminationGracePeriodSeconds
forbidden: [absent]
set: 30
finding: has no grace
why: ours
"""


def test_patches_of_the_base(w):
    repo = w.repo(files={".oakum.yaml": "patches: rules\nselect: [grace]\n", "rules/grace.yaml": OWN_PATCH.format(id="grace"),
                         "a.yaml": POD})
    w.commit(repo, status=0)
    assert "terminationGracePeriodSeconds: 30" in w.git(repo, "show", "oakum/harden:a.yaml")
    line = json.loads(w.commit(repo, "--format=json", status=0).stdout)
    assert line["result"] == "same" and line["patches"] == {"grace": {"fixed": 1}}, line
    w.write("repo/rules/grace.yaml", OWN_PATCH.format(id="grace").replace("target: pod", "target: cellar"))
    w.save(repo, "broken")
    says(w.commit(repo, "--mode=replace", status=2), "rules/grace.yaml:5:1: ")


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"


def test_labels_that_depend_on_other_files(w):
    files = {"a/namespace.yaml": NAMESPACE % "a", "z/web.yaml": POD.replace("{name: web}", "{name: web, namespace: a}"),
             "b/namespace.yaml": NAMESPACE % "b", "z/host.yaml":
             POD.replace("{name: web}", "{name: web, namespace: b}") + "  volumes: [{name: h, hostPath: {path: /srv}}]\n"}
    repo = w.repo(files=files)
    w.commit(repo, "--enforce=auto", status=1)
    assert "enforce: restricted" in w.git(repo, "show", "oakum/harden:a/namespace.yaml")
    assert "/enforce:" not in w.git(repo, "show", "oakum/harden:b/namespace.yaml")
    w.git(repo, "checkout", "-q", "-b", "desk")
    w.oakum("fix", "--enforce=auto", ".", cwd=w.path(repo))
    w.git(repo, "add", "-A")
    assert w.git(repo, "write-tree") == w.git(repo, "rev-parse", "oakum/harden^{tree}")
    for split in ("patch", "directory"):
        w.commit(repo, "--base=main", "--enforce=auto", "--split", split, status=1, branch=split)
        assert w.git(repo, "rev-parse", split + "^{tree}") == w.git(repo, "rev-parse", "oakum/harden^{tree}")
    # A file that nobody could read may hold anything.
    w.git(repo, "checkout", "-q", "-f", "main")
    w.write("repo/.gitattributes", "secret.yaml filter=git-crypt\n")
    w.write("repo/secret.yaml", POD)
    w.save(repo, "secret")
    w.commit(repo, "--enforce=auto", status=1, branch="secret")
    assert "/enforce:" not in w.git(repo, "show", "secret:a/namespace.yaml")


def test_a_kustomization_by_its_other_name(w):
    """What diff takes into account is taken into account here."""
    repo = w.repo(files={
        "app/Kustomization": "namespace: shop\nresources: [pod.yaml]\npatches:\n- path: p.yaml\n",
        "app/pod.yaml": POD, "app/p.yaml": "- {op: add, path: /spec/hostNetwork, value: true}\n",
        "ns/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"})
    w.commit(repo, "--enforce=auto")
    assert "/enforce:" not in w.git(repo, "show", "oakum/harden:ns/ns.yaml")


def test_split_by_directory(w):
    repo = w.repo(files={"a.yaml": POD, "b/c.yaml": POD, "b/d.yaml": POD, "b/e/f.yaml": POD, "b0.yaml": POD})
    w.commit(repo, status=0, branch="whole")
    w.commit(repo, "--split", "directory", status=0)
    assert w.git(repo, "rev-parse", "whole^{tree}") == w.git(repo, "rev-parse", "oakum/harden^{tree}")
    names = [w.git(repo, "show", "--format=", "--name-only", c)
             for c in w.git(repo, "rev-list", "--reverse", "main..oakum/harden").split("\n")]
    assert names == ["a.yaml\nb0.yaml", "b/c.yaml\nb/d.yaml", "b/e/f.yaml"], names


def test_findings_that_stay_decide_the_status(w):
    held = POD.replace("privileged: true", "runAsUser: 0")
    repo = w.repo(files={"a.yaml": held, "t.yaml": "{{ x }}\n" + POD, "bad.yaml": POD + "\tx: y\n"})
    done = w.commit(repo, status=2)
    says(done, "bad.yaml:10:2: error")
    assert w.has_branch(repo)
    w.git(repo, "rm", "-q", "bad.yaml")
    w.save(repo, "no bad")
    says(w.commit(repo, "--mode=replace", status=1), "held")
    w.commit(repo, "--mode=replace", "--exit-zero", status=0)
    message = w.git(repo, "log", "-1", "--format=%B", "oakum/harden")
    assert "root-user: 1 held" in message and "1 template left alone" in message, message


def test_json(w):
    repo = w.repo()
    line = json.loads(w.commit(repo, "--format", "json", status=0).stdout)
    assert line["result"] == "made" and line["commit"] == w.tip(repo) and line["base"] == w.tip(repo, "main"), line
    assert line["files"] == 1 and line["findings"]["fixed"] == sum(p["fixed"] for p in line["patches"].values()), line
    assert line["error"] is None and line["previous"] is None and isinstance(line["duration_ms"], int), line
    assert json.loads(w.commit(repo, "--format=json", status=0).stdout)["result"] == "same"
    for words, status, kind in ((["--base=nope"], 2, "permanent"),):
        line = json.loads(w.commit(repo, "--format=json", *words, status=status).stdout)
        assert line["result"] == "failed" and line["error"]["class"] == kind, line


def test_many_repositories(w):
    names = [w.repo(f"r{i}") for i in range(6)]
    w.git(names[1], "update-ref", "-d", "HEAD")
    w.write("repos", "# ours\n" + "".join(w.path(n) + "\n" for n in names) + "\n" + w.path("r0") + "\n")
    run = lambda *words, status, data=None: [json.loads(line) for line in w.oakum(
        "commit", "--repos-from", w.path("repos") if data is None else "-", "--branch", "x", "--format=json", *words,
        status=status, data=data).stdout.splitlines()]
    lines = run("--jobs=3", status=2)
    assert [line["repository"] for line in lines] == [w.path(n) for n in names]
    assert [line["result"] for line in lines] == ["made", "failed"] + ["made"] * 4, lines
    assert [line["result"] for line in run(status=2)] == ["same", "failed"] + ["same"] * 4
    parts = [[line["repository"] for line in run("--exit-zero", f"--shard={i}/3", status=None)] for i in range(3)]
    assert sorted(sum(parts, [])) == sorted(w.path(n) for n in names) and max(map(len, parts)) < 6, parts
    assert [line["result"] for line in run(status=0, data=(w.path("r0") + "\n").encode())] == ["same"]
    for words in (["--shard=3/3"], ["--shard=1"], ["--shard=-1/3"]):
        says(w.oakum("commit", "--repos-from=-", "--branch=x", *words, status=2), "--shard is I/N")


def test_addresses_are_copied_into_the_cache(w):
    repo = w.repo()
    url = "file://" + w.path(repo)
    run = lambda status: json.loads(w.oakum("commit", "--repos-from=-", "--branch=x", "--mode=replace", "--format=json",
                                            data=(url + "\n").encode(), status=status).stdout)
    assert run(0)["result"] == "made" and run(0)["result"] == "same"
    w.write("repo/b.yaml", POD)
    w.save(repo, "two")
    line = run(0)
    assert line["result"] == "made" and line["base"] == w.tip(repo, "HEAD") and line["files"] == 2
    assert not w.has_branch(repo, "x") and os.listdir(w.path("tmp")) == []
    w.git(repo, "update-ref", "-d", "HEAD")
    os.rename(w.path(repo), w.path("gone"))
    line = run(2)
    assert line["error"]["class"] == "permanent", line


def test_examples_of_campaigns(w):
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/ci")
    names = [w.repo(f"r{i}") for i in range(3)]
    w.write("list", "".join(w.path(name) + "\n" for name in names))
    for result in ("made", "same"):
        done = w.run(["sh", examples + "/xargs.sh", "commit", w.path("list")], 0, env={"OAKUM": w.oakum_path})
        assert [json.loads(line)["result"] for line in done.stdout.splitlines()] == [result] * 3, done.stdout
    w.run(["sh", examples + "/multi-gitter.sh"], 0, env={"OAKUM": w.oakum_path}, cwd=w.path("r0"))
    assert w.git("r0", "diff", "--name-only") == "web.yaml"


def race(w, repo, words, count):
    """Processes at work at the same time, each with commits of its own."""
    script = 'for i in $(seq $3); do "$1" commit --repo "$2" --branch race --mode append "$4-$i.yaml" >/dev/null || exit; done'
    workers = [subprocess.Popen(["sh", "-c", script, "sh", w.oakum_path, w.path(repo), str(count), word], env=w.env,
                                stderr=subprocess.DEVNULL) for word in words]
    return [worker.wait() for worker in workers]


def test_race_loses_no_commit(w):
    names = [f"{word}-{i}.yaml" for word in "ab" for i in range(1, 16)]
    repo = w.repo(files={name: POD for name in names})
    assert race(w, repo, "ab", 15) == [0, 0]
    assert w.git(repo, "rev-list", "--count", "main..race") == "30"
    assert sorted(w.git(repo, "diff", "--name-only", "main", "race").split("\n")) == sorted(names)
    w.fsck(repo)


def test_race_of_creators_has_one_winner(w):
    repo = w.repo()
    argv = [w.oakum_path, "commit", "--repo", w.path(repo), "--branch", "one"]
    workers = [subprocess.Popen(argv, env=w.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    said = [worker.communicate()[0].decode() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 6, said
    assert sum("1 commit" in text for text in said) == 1 and sum("holds this already" in text for text in said) == 5, said
    assert w.git(repo, "rev-list", "--count", "main..one") == "1"


def test_each_branch_is_created_once(w):
    """No commit in between: the smallest gap there is between looking for a branch and making it."""
    repo, count = w.repo(), 2000
    argv = [w.probe_path, "create", w.path(repo), "b", w.tip(repo, "main"), str(count)]
    workers = [subprocess.Popen(argv, env=w.env, stdout=subprocess.PIPE) for _ in range(4)]
    made = [int(line) for worker in workers for line in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(made) == count and len(set(made)) == count, [i for i in range(count) if made.count(i) != 1]


def test_killed_at_any_moment(w):
    """200 times; the branch is old or new, and the objects are sound."""
    repo = w.repo(files={f"d{i}/{j}.yaml": POD for i in range(5) for j in range(5)})
    argv = [w.oakum_path, "commit", "--repo", w.path(repo), "--branch", "k", "--mode", "replace"]
    start = time.monotonic()
    subprocess.run(argv, env=w.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    usual = time.monotonic() - start
    chance = random.Random(1)
    old, moved = w.tip(repo, "k"), 0
    for i in range(200):
        # Other options each time, so that each run that is not killed makes another commit.
        run = subprocess.Popen([*argv, "--ignore", ("seccomp", "non-root")[i % 2]], env=w.env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, usual * 1.2))
        run.send_signal(signal.SIGKILL)
        run.wait()
        new = open(w.path("repo/.git/refs/heads/k")).read().strip()
        moved += new != old
        old = new
        lock = w.path("repo/.git/refs/heads/k.lock")
        if os.path.exists(lock):
            os.unlink(lock)
        if i % 20 == 0:
            w.fsck(repo)
            assert w.git(repo, "rev-parse", "k^") == w.tip(repo, "main")
    w.fsck(repo)
    assert 10 < moved < 190, moved
    return f"ok, {moved} of 200 were done before they were killed"
