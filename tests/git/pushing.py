"""What crosses to another repository."""
import base64
import getpass
import http.server
import os
import socket
import subprocess
import threading

from run import POD, says

TOKEN = "s3cr3t-T0ken"


def pushed_pair(w):
    """A repository with a fix on a branch, and a bare one to push to."""
    repo = w.repo()
    w.git(None, "clone", "-q", "--bare", w.path(repo), w.path("there.git"))
    w.commit(repo, status=0)
    return repo, w.path("there.git")


def push(w, repo, url, commit=None, lease="", status=0, branch="oakum/harden", env=None):
    return w.probe("push", w.path(repo), url, branch, commit or w.tip(repo), lease, status=status, env=env)


def test_push_to_a_path_and_a_file_address(w):
    repo, there = pushed_pair(w)
    assert w.probe("find", there, "oakum/harden", status=0).stdout.strip() == b""
    for url in (there, "file://" + there):
        push(w, repo, url)
        assert w.git("there.git", "rev-parse", "oakum/harden") == w.tip(repo)
        assert w.probe("find", url, "oakum/harden", status=0).stdout.decode().strip() == w.tip(repo)
        w.git("there.git", "update-ref", "-d", "refs/heads/oakum/harden")
    assert os.listdir(w.path("tmp")) == []
    w.fsck("there.git")


def test_lease(w):
    repo, there = pushed_pair(w)
    first = w.tip(repo)
    push(w, repo, there)
    # There is something there already; something else is there; it is gone.
    w.commit(repo, "--mode=replace", "--ignore=seccomp", status=0)
    says(push(w, repo, there, status=75), "somebody else moved branch 'oakum/harden' over there")
    says(push(w, repo, there, lease=w.tip(repo, "main"), status=75), "somebody else moved")
    assert w.git("there.git", "rev-parse", "oakum/harden") == first
    push(w, repo, there, lease=first)
    assert w.git("there.git", "rev-parse", "oakum/harden") == w.tip(repo)
    w.git("there.git", "update-ref", "-d", "refs/heads/oakum/harden")
    says(push(w, repo, there, lease=first, status=75), "somebody else moved")


def test_refusals_are_told(w):
    repo, there = pushed_pair(w)
    w.write("there.git/hooks/update", "#!/bin/sh\nprintf 'main is \\033[31mprotected\\n' >&2\nexit 1\n", 0o755)
    done = push(w, repo, there, status=2)
    says(done, "the remote refuses branch 'oakum/harden': [remote rejected] (hook declined): main is ?[31mprotected")
    os.unlink(w.path("there.git/hooks/update"))
    w.write("there.git/hooks/pre-receive", "#!/bin/sh\necho no >&2\nexit 1\n", 0o755)
    says(push(w, repo, there, status=2), "pre-receive hook declined")
    assert not w.has_branch("there.git")
    says(push(w, repo, w.path("nowhere"), status=2), "does not appear to be a git repository")


def test_push_from_a_shallow_clone(w):
    repo = w.repo(files={"a.yaml": POD})
    for text in ("# two\n", "# three\n"):
        w.write("repo/a.yaml", POD + text)
        w.save(repo, text)
    w.git(None, "clone", "-q", "--bare", w.path(repo), w.path("there.git"))
    url = "file://" + w.path("there.git")
    w.git(None, "clone", "-q", "--depth=1", url, w.path("shallow"))
    w.commit("shallow", status=0)
    push(w, "shallow", url)
    w.fsck("there.git")
    # Somebody else's commit is fetched, and the clone stays sound and shallow.
    w.git(None, "clone", "-q", url, w.path("desk"), "-b", "oakum/harden")
    w.write("desk/by-hand.txt", "x")
    w.save("desk", "by hand")
    w.git("desk", "push", "-q", "origin", "oakum/harden")
    tip = w.tip("desk", "HEAD")
    assert w.probe("fetch", w.path("shallow"), url, "oakum/harden", status=0).stdout.decode().strip() == tip
    assert w.git("shallow", "rev-parse", "refs/oakum/remote/oakum/harden") == tip
    w.fsck("shallow")
    assert w.git("shallow", "log", "--format=%s", "HEAD") != ""
    w.git("shallow", "update-ref", "refs/heads/oakum/harden", tip)
    says(w.commit("shallow", "--mode=replace", status=2), f"commit {tip[:10]} on it was not made by oakum")


def test_a_failed_fetch_leaves_no_lock(w):
    """Where history is cut off cannot be read any more, or the lock is somebody else's."""
    repo = w.repo(files={"a.yaml": POD})
    w.write("repo/a.yaml", POD + "# two\n")
    w.save(repo, "two")
    w.git(None, "clone", "-q", "--bare", w.path(repo), w.path("there.git"))
    url = "file://" + w.path("there.git")
    w.git(None, "clone", "-q", "--depth=1", url, w.path("shallow"))
    before = open(w.path("shallow/.git/shallow"), encoding="ascii").read()
    os.mkdir(w.path("bin"))
    w.write("bin/git", f"""#!/bin/sh
PATH=${{PATH#*:}}
git "$@" || exit
case $* in
*" fetch "*) folder=${{1#--git-dir=}}; rm "$folder/shallow"; mkdir "$folder/shallow" ;;
esac
""", 0o755)
    env = {"PATH": w.path("bin") + ":" + os.environ["PATH"]}
    says(w.probe("fetch", w.path("shallow"), url, "main", status=75, env=env), "cannot write the file 'shallow' of the repository")
    assert not os.path.exists(w.path("shallow/.git/shallow.lock"))
    assert open(w.path("shallow/.git/shallow"), encoding="ascii").read() == before
    w.write("shallow/.git/shallow.lock", "")
    says(w.probe("fetch", w.path("shallow"), url, "main", status=75), "is it locked?")
    assert os.path.exists(w.path("shallow/.git/shallow.lock"))
    os.unlink(w.path("shallow/.git/shallow.lock"))
    w.probe("fetch", w.path("shallow"), url, "main", status=0)
    w.fsck("shallow")


def test_base_moves_in_a_shallow_clone(w):
    """A fresh shallow clone knows the new base, and of the old one only what our branch stands on."""
    repo = w.repo(files={"a.yaml": POD})
    w.git(None, "clone", "-q", "--bare", w.path(repo), w.path("there.git"))
    url = "file://" + w.path("there.git")
    w.git(None, "clone", "-q", "--depth=1", url, w.path("first"))
    w.commit("first", status=0)
    push(w, "first", url)
    w.write("repo/b.yaml", POD)
    w.save(repo, "two")
    w.git(repo, "push", "-q", url, "main")
    w.git(None, "clone", "-q", "--depth=1", url, w.path("second"))
    tip = w.probe("fetch", w.path("second"), url, "oakum/harden", status=0).stdout.decode().strip()
    w.fsck("second")
    w.git("second", "update-ref", "refs/heads/oakum/harden", tip)
    w.commit("second", "--mode=replace", status=0)
    push(w, "second", url, lease=tip)
    assert w.git("there.git", "rev-parse", "oakum/harden^") == w.git("there.git", "rev-parse", "main")
    assert w.git("there.git", "diff", "--name-only", "main", "oakum/harden") == "a.yaml\nb.yaml"
    w.fsck("there.git")


def test_fetch_into_a_whole_clone(w):
    repo, there = pushed_pair(w)
    push(w, repo, there)
    w.git(None, "clone", "-q", "--single-branch", there, w.path("other"))
    tip = w.probe("fetch", w.path("other"), there, "oakum/harden", status=0).stdout.decode().strip()
    assert tip == w.tip(repo) and not os.path.exists(w.path("other/.git/shallow"))
    assert w.probe("fetch", w.path("other"), there, "no/such", status=0).stdout.strip() == b""
    w.fsck("other")


def test_local_branch_follows_the_remote(w):
    repo, there = pushed_pair(w)
    push(w, repo, there)
    ours = w.tip(repo)
    w.git(None, "clone", "-q", there, w.path("desk"), "-b", "oakum/harden")
    w.write("desk/by-hand.txt", "x")
    w.save("desk", "by hand")
    w.git("desk", "push", "-q", "origin", "oakum/harden")
    theirs = w.probe("fetch", w.path(repo), there, "oakum/harden", status=0).stdout.decode().strip()
    w.probe("follow", w.path(repo), "oakum/harden", theirs, status=0)
    assert w.tip(repo) == theirs != ours
    # Our own commits give way, those of a person do not; a new branch is made.
    w.git(repo, "update-ref", "refs/heads/oakum/harden", w.tip(repo, "main"))
    w.commit(repo, "--mode=append", "--ignore=seccomp", status=0)
    w.probe("follow", w.path(repo), "oakum/harden", ours, status=0)
    assert w.tip(repo) == ours
    w.git(repo, "update-ref", "refs/heads/oakum/harden", theirs)
    says(w.probe("follow", w.path(repo), "oakum/harden", ours, status=2), "which is not on the remote and was not made by oakum")
    w.probe("follow", w.path(repo), "new", ours, status=0)
    assert w.tip(repo, "new") == ours and w.tip(repo) == theirs


class Server(http.server.BaseHTTPRequestHandler):
    """Git's own http-backend behind basic authentication; writes down what it is told."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        shop = self.server
        shop.heard.append((self.path, self.headers.get("Authorization")))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if "chunked" not in self.headers.get("Transfer-Encoding", "") else self.chunks()
        if shop.redirect:
            return self.reply(302, {"Location": shop.redirect + self.path}, b"")
        if shop.status:
            return self.reply(shop.status, {}, b"no")
        wanted = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            return self.reply(401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
        path, _, query = self.path.partition("?")
        env = dict(shop.env, GIT_PROJECT_ROOT=shop.root, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path, QUERY_STRING=query,
                   REQUEST_METHOD=self.command, CONTENT_TYPE=self.headers.get("Content-Type") or "",
                   CONTENT_LENGTH=str(len(body)), REMOTE_USER="x", HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding") or "",
                   GIT_PROTOCOL=self.headers.get("Git-Protocol") or "")
        out = subprocess.run(["git", "http-backend"], input=body, stdout=subprocess.PIPE, env=env, check=False).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return self.reply(int(fields.pop("Status", "200 OK").split()[0]), fields, rest)

    def chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def reply(self, status, fields, body):
        self.send_response(status)
        for key, value in fields.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


def serve(w):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.heard, server.redirect, server.status, server.root, server.env = [], None, None, w.folder, w.env
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def has_token(server):
    return any(TOKEN in base64.b64decode((auth or " ").split(" ")[1]).decode(errors="replace") for _, auth in server.heard)


def test_push_over_http(w):
    repo, _ = pushed_pair(w)
    w.git("there.git", "config", "http.receivepack", "true")
    server = serve(w)
    url = server.url + "/there.git"
    push(w, repo, url, env={"PROBE_TOKEN": TOKEN})
    assert w.git("there.git", "rev-parse", "oakum/harden") == w.tip(repo) and has_token(server)
    assert w.probe("find", url, "oakum/harden", status=0, env={"PROBE_TOKEN": TOKEN}).stdout.decode().strip() == w.tip(repo)
    w.git(None, "clone", "-q", "--single-branch", w.path("there.git"), w.path("other"))
    w.probe("fetch", w.path("other"), url, "oakum/harden", status=0, env={"PROBE_TOKEN": TOKEN})
    for env, status, words in (({"PROBE_TOKEN": "wrong"}, 2, "Authentication failed"), ({}, 2, "")):
        done = push(w, repo, url, branch="other", status=status, env=env)
        says(done, words)
        says(done, "git-probe: the remote: ")
    server.status = 503
    says(push(w, repo, url, branch="other", status=75, env={"PROBE_TOKEN": TOKEN}), "503")
    server.status = 404
    says(push(w, repo, url, branch="other", status=2, env={"PROBE_TOKEN": TOKEN}), "not found")
    server.shutdown()
    server.server_close()
    done = push(w, repo, url, branch="other", status=75, env={"PROBE_TOKEN": TOKEN})
    assert TOKEN not in (done.stdout + done.stderr).decode()


def test_token_reaches_nobody_else(w):
    """The configuration of the repository, and a redirection, point at an eavesdropper."""
    repo, _ = pushed_pair(w)
    w.git("there.git", "config", "http.receivepack", "true")
    server, spy = serve(w), serve(w)
    trap = w.path("trap")
    w.write("trap", f"#!/bin/sh\nenv >>{w.path('SPRUNG')}\n", 0o755)
    for key, value in {f"url.{spy.url}/.insteadOf": server.url + "/", f"url.{spy.url}/.pushInsteadOf": server.url + "/",
                       "http.proxy": spy.url, "credential.helper": "!" + trap, "core.askPass": trap, "core.sshCommand": trap,
                       "remote.origin.url": server.url + "/there.git", "http.extraHeader": "X-Spy: 1",
                       "http.followRedirects": "true", "core.gitProxy": trap}.items():
        w.git(repo, "config", key, value)
    w.write("repo/.git/hooks/pre-push", open(trap).read(), 0o755)
    w.write("repo/.git/hooks/reference-transaction", open(trap).read(), 0o755)
    url = w.probe("url", w.path(repo), "origin", status=0).stdout.decode().strip()
    assert url == server.url + "/there.git"
    push(w, repo, url, env={"PROBE_TOKEN": TOKEN})
    w.probe("fetch", w.path(repo), url, "oakum/harden", status=0, env={"PROBE_TOKEN": TOKEN})
    assert has_token(server) and not spy.heard and not os.path.exists(w.path("SPRUNG")), spy.heard
    server.redirect = spy.url
    push(w, repo, url, branch="other", status=2, env={"PROBE_TOKEN": TOKEN})
    assert not has_token(spy), spy.heard
    for log in (server, spy):
        log.shutdown()


def test_a_proxy_gets_no_token(w):
    """Git asks for the password of a proxy by the same way as for that of the remote."""
    heard = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.headers.get("Proxy-Authorization", ""))
            self.send_response(407)
            self.send_header("Proxy-Authenticate", 'Basic realm="corp"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = f"http://bob@127.0.0.1:{server.server_address[1]}"
    done = w.probe("find", "http://forge.invalid/x.git", "b", status=2, env={"PROBE_TOKEN": TOKEN, "http_proxy": proxy})
    server.shutdown()
    says(done, "could not read Password for 'http://bob@127.0.0.1")
    assert not any(TOKEN in base64.b64decode(h.split()[-1]).decode() for h in heard if h), heard


def test_secrets_are_in_no_words(w):
    repo, there = pushed_pair(w)
    w.write("there.git/hooks/pre-receive", f"#!/bin/sh\necho you sent {TOKEN} >&2\nexit 1\n", 0o755)
    done = push(w, repo, there, status=2, env={"PROBE_TOKEN": TOKEN})
    says(done, "you sent ***")
    assert TOKEN not in (done.stdout + done.stderr).decode()
    for url in ("https://u:SEKRET@127.0.0.1:1/x.git", "http://u:SEKRET@[::1"):
        done = push(w, repo, url, status=2)
        says(done, "holds a password")
        assert b"SEKRET" not in done.stdout + done.stderr
    w.write("list", "https://u:SEKRET@127.0.0.1:1/x.git\n")
    for words in (["--repo", "https://u:SEKRET@127.0.0.1:1/x.git", "--format=json"], ["--repos-from", w.path("list")],
                  ["--repo", "https://u:x@SEKRET@127.0.0.1:1/x.git", "--format=json"]):
        done = w.oakum("commit", "--branch=b", *words, status=2)
        says(done, "holds a password")
        assert b"SEKRET" not in done.stdout + done.stderr, done
    w.git(repo, "remote", "add", "origin", "https://u:SEKRET@example.org/x.git")
    done = w.probe("url", w.path(repo), "origin", status=2)
    says(done, "holds a password")
    assert b"SEKRET" not in done.stdout + done.stderr


class Sshd:
    """OpenSSH's server on loopback, for this user, with keys of its own."""

    def __init__(self, w):
        self.w = w
        for name in ("host", "user", "other"):
            w.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", w.path(name)], 0)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        w.write("sshd", f"""Port {self.port}
ListenAddress 127.0.0.1
HostKey {w.path("host")}
AuthorizedKeysFile {w.path("user.pub")}
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
""")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", w.path("sshd")], stderr=subprocess.PIPE)
        while b"listening" not in (line := self.process.stderr.readline()):
            assert line, "sshd did not start"
        self.drain = threading.Thread(target=self.process.stderr.read)
        self.drain.start()

    def environment(self, key="user", knows=True):
        with open(self.w.path("host.pub"), encoding="ascii") as host:
            known = f"[127.0.0.1]:{self.port} {host.read()}"
        self.w.write("known", known if knows else "")
        return {"GIT_SSH_COMMAND": f"ssh -F none -oBatchMode=yes -oIdentitiesOnly=yes -oStrictHostKeyChecking=yes "
                                   f"-i {self.w.path(key)} -oUserKnownHostsFile={self.w.path('known')}"}

    def url(self, there):
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{there}"

    def stop(self):
        self.process.terminate()
        self.drain.join()
        self.process.wait()


def test_push_to_a_server_of_openssh(w):
    repo, there = pushed_pair(w)
    server = Sshd(w)
    try:
        url = server.url(there)
        says(push(w, repo, url, status=2, env=server.environment(knows=False)), "verification failed")
        says(push(w, repo, url, status=2, env=server.environment(key="other")), "Permission denied")
        assert not w.has_branch("there.git")
        env = server.environment()
        push(w, repo, url, env=env)
        first = w.tip(repo)
        assert w.git("there.git", "rev-parse", "oakum/harden") == first
        assert w.probe("find", url, "oakum/harden", status=0, env=env).stdout.decode().strip() == first
        w.commit(repo, "--mode=replace", "--ignore=seccomp", status=0)
        says(push(w, repo, url, status=75, env=env), "somebody else moved")
        push(w, repo, url, lease=first, env=env)
        w.write("there.git/hooks/update", "#!/bin/sh\necho frozen >&2\nexit 1\n", 0o755)
        w.commit(repo, "--mode=replace", status=0)
        says(push(w, repo, url, lease=w.git("there.git", "rev-parse", "oakum/harden"), status=2, env=env), "hook declined")
    finally:
        server.stop()
    w.fsck("there.git")


def test_push_over_ssh(w):
    """The program ssh is one of ours, which runs what it is told right here."""
    repo, there = pushed_pair(w)
    w.write("ssh", f'#!/bin/sh\necho "$@" >>{w.path("heard")}\nwhile [ $# -gt 1 ]; do shift; done\nexec sh -c "$1"\n', 0o755)
    w.git(repo, "config", "core.sshCommand", "false")
    for url in ("ssh://git@host.example" + there, "git@host.example:" + there):
        push(w, repo, url, env={"GIT_SSH_COMMAND": w.path("ssh")})
        assert w.git("there.git", "rev-parse", "oakum/harden") == w.tip(repo)
        w.git("there.git", "update-ref", "-d", "refs/heads/oakum/harden")
    assert open(w.path("heard")).read().count("git@host.example git-receive-pack") == 2
    # Without that, and without a way to the host: later, perhaps.
    says(push(w, repo, "ssh://git@127.0.0.1:1/x.git", status=75), "Connection refused")


def test_addresses_are_no_commands(w):
    repo, _ = pushed_pair(w)
    for url in ("ext::sh -c 'touch SPRUNG'", "--upload-pack=touch SPRUNG", "-x", "", "ssh://-oProxyCommand=touch%20SPRUNG/x"):
        push(w, repo, url, status=2)
    assert not os.path.exists(w.path("SPRUNG"))


def test_two_pushers_one_wins(w):
    repo, there = pushed_pair(w)
    w.commit(repo, "--ignore=seccomp", status=0, branch="b")
    runs = [subprocess.Popen([w.probe_path, "push", w.path(repo), there, "x", w.tip(repo, name)], env=w.env,
                             stderr=subprocess.PIPE) for name in ("oakum/harden", "b")]
    said = [run.communicate()[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 75], said
    winner = [run.returncode for run in runs].index(0)
    assert w.git("there.git", "rev-parse", "x") == w.tip(repo, ("oakum/harden", "b")[winner])
