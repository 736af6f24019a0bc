#!/usr/bin/python3
"""The program under those who start it oddly: closed streams, signals that are ignored, signals that end it.   usage: signals.py OAKUM

Each function named test_* is one test, with an empty folder of its own.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OAKUM = os.path.abspath(sys.argv[1])
COUNT = 2000
POD = """apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx
      securityContext:
        privileged: true
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_closed_streams(folder):
    """What is opened must not become standard output: the manifest would be written to."""
    write(f"{folder}/web.yaml", POD)
    for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"):
        subprocess.run(["sh", "-c", f'"$0" check --select privileged web.yaml {closed}', OAKUM], cwd=folder, check=False,
                       capture_output=True)
        assert read(f"{folder}/web.yaml") == POD, closed
    # An answer that nobody got is an error, of what it was about, none.
    for words, status in (("check --exit-zero web.yaml", 2), ("fix - <web.yaml", 2), ("fix --select privileged web.yaml 2>&-", 2)):
        done = subprocess.run(["sh", "-c", f'"$0" {words} >&-', OAKUM], cwd=folder, check=False, capture_output=True)
        assert done.returncode == status, (words, done)
    assert "privileged: false" in read(f"{folder}/web.yaml")
    assert os.listdir(folder) == ["web.yaml"], os.listdir(folder)


def test_questions_that_nobody_sees(folder):
    write(f"{folder}/web.yaml", POD)
    with open("/dev/full", "w") as full:
        done = subprocess.run([OAKUM, "fix", "-i", "web.yaml"], cwd=folder, input=b"y\n" * 9, stdout=full, stderr=subprocess.PIPE,
                              check=False)
    assert (done.returncode, read(f"{folder}/web.yaml")) == (2, POD), done


def test_children_that_nobody_reports(folder):
    """With SIGCHLD ignored, the system tells nobody how a program ended: a failed signer would look like success."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True).stdout
    env = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder, GIT_CONFIG_NOSYSTEM="1")
    signer = f"{folder}/signer"
    write(signer, "#!/bin/sh\necho '[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\nexit ${SIGNER_STATUS}\n")
    os.chmod(signer, 0o755)
    for key, value in (("user.name", "A"), ("user.email", "a@example.org"), ("gpg.program", signer), ("user.signingKey", "1")):
        git("config", "--global", key, value)
    git("init", "--quiet", ".")
    write(f"{folder}/web.yaml", POD)
    git("add", "web.yaml")
    git("commit", "--quiet", "--message", "a pod")
    for status, want in (("0", True), ("1", False)):
        done = subprocess.run([OAKUM, "commit", "--sign", "--select", "privileged", "--branch", "b" + status], cwd=folder,
                              env=dict(env, SIGNER_STATUS=status), check=False, capture_output=True, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        assert (done.returncode < 2) == want, done
        assert (b"refs/heads/b" + status.encode() in git("for-each-ref")) == want, done


def test_nobody_reads_on(folder):
    """Who closes the pipe knows it, and is not told; a full disk is."""
    env = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder, GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="A", GIT_COMMITTER_NAME="A",
               GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_EMAIL="a@example.org")
    write(f"{folder}/web.yaml", POD)
    write(f"{folder}/psp.yaml", "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: all}\nspec: {privileged: true}\n")
    for words in (["init", "--quiet", "."], ["add", "web.yaml"], ["commit", "--quiet", "--message", "a pod"]):
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)
    for words in (["check", "web.yaml"], ["patches"], ["migrate-psp", "."], ["commit", "--branch", "b"]):
        reader, writer = os.pipe()
        os.close(reader)
        with open("/dev/full", "wb") as full:
            for stream, is_told in ((writer, False), (full, True)):
                done = subprocess.run([OAKUM, *words], cwd=folder, env=env, check=False, stdout=stream, stderr=subprocess.PIPE, text=True)
                assert done.returncode == 2, (words, done)
                assert ("cannot write the output" in done.stderr) == is_told, (words, done.stderr)
        os.close(writer)


def interrupt(folder, number, seconds):
    """A folder of manifests, `fix`, and a signal some time after it began to speak. Returns what it said and how many are as they were."""
    many = f"{folder}/{number}-{seconds}"
    os.mkdir(many)
    for i in range(COUNT):
        write(f"{many}/{i:04}.yaml", POD)
    before = dict.fromkeys(sorted(os.listdir(many)), POD)
    with subprocess.Popen([OAKUM, "fix", "--select", "privileged", "."], cwd=many, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, bufsize=0) as run:
        first = run.stdout.readline()
        time.sleep(seconds)
        run.send_signal(number)
        rest, talk = run.communicate()
    out, talk = (first + rest).decode(), talk.decode()
    assert sorted(os.listdir(many)) == list(before), set(os.listdir(many)) - set(before)
    fixed = {name for name in before if read(f"{many}/{name}") == POD.replace("privileged: true", "privileged: false")}
    left = {name for name in before if read(f"{many}/{name}") == POD}
    assert fixed | left == set(before)
    assert fixed == {line.split(":")[0] for line in out.splitlines() if ": fixed: " in line}
    return run.returncode, talk, len(left)


def test_interrupted(folder):
    """What was begun is finished and told, nothing is left behind, and the shell sees which signal it was."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for seconds in (0, 0.003, 0.01):
            status, talk, left = interrupt(folder, number, seconds)
            if left == 0:
                continue # it was faster
            assert status == -number, (status, talk)
            assert "oakum: interrupted: not all files were looked at" in talk, talk
            assert f"{COUNT - left} files rewritten" in talk, talk
    assert interrupt(folder, signal.SIGINT, 0.0001)[2] > 0, "never interrupted: more files are needed"


def test_interrupted_twice(folder):
    """The second signal kills: nothing more is said."""
    for i in range(COUNT):
        write(f"{folder}/{i:04}.yaml", POD)
    for numbers in ((signal.SIGINT, signal.SIGTERM), (signal.SIGINT, signal.SIGHUP)):
        with subprocess.Popen([OAKUM, "fix", "--select", "privileged,privilege-escalation", "."], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, bufsize=0) as run:
            run.stdout.readline()
            for number in (signal.SIGSTOP, *numbers, signal.SIGCONT):
                run.send_signal(number)
            talk = run.communicate()[1]
        assert -run.returncode in numbers, run.returncode
        assert b"interrupted" not in talk, talk


def test_interrupted_commits(folder):
    """Of many repositories, those that were begun are finished."""
    env = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder, GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="A", GIT_COMMITTER_NAME="A",
               GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_EMAIL="a@example.org")
    os.mkdir(f"{folder}/0")
    write(f"{folder}/0/web.yaml", POD)
    for words in (["init", "--quiet", "."], ["add", "web.yaml"], ["commit", "--quiet", "--message", "a pod"]):
        subprocess.run(["git", *words], cwd=f"{folder}/0", env=env, check=True, capture_output=True)
    for i in range(1, 150):
        shutil.copytree(f"{folder}/0", f"{folder}/{i}")
    write(f"{folder}/list", "".join(f"{folder}/{i}\n" for i in range(150)))
    with subprocess.Popen([OAKUM, "commit", "--branch", "b", "--repos-from", "list"], cwd=folder, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, bufsize=0) as run:
        first = run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        rest, talk = run.communicate()
    made = {i for i in range(150) if os.path.exists(f"{folder}/{i}/.git/refs/heads/b")}
    assert 0 < len(made) < 150, len(made)
    assert (first + rest).count(b"branch 'b': 1 commit") == len(made)
    assert b"oakum: interrupted: not all repositories were looked at" in talk, talk
    assert run.returncode == -signal.SIGTERM
    for i in made:
        assert not [name for _, _, names in os.walk(f"{folder}/{i}/.git") for name in names if "tmp" in name or name.endswith(".lock")]


def test_ignored_interrupt(folder):
    """nohup, and what runs in the background of a shell."""
    write(f"{folder}/web.yaml", POD)
    done = subprocess.run([OAKUM, "fix", "--select", "privileged", "."], cwd=folder, check=False, capture_output=True,
                          preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_IGN), os.kill(os.getpid(), signal.SIGINT)))
    assert done.returncode == 0, done


def test_interrupted_pipe(folder):
    """While it waits for its input, a signal is not put off."""
    with subprocess.Popen([OAKUM, "fix", "-"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        time.sleep(0.5)
        run.send_signal(signal.SIGINT)
        assert run.wait(20) == -signal.SIGINT


def main():
    failed = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    test(folder)
                except AssertionError as error:
                    print(f"{name}: {error!r}")
                    failed += 1
    return 1 if failed else 0


sys.exit(main())
