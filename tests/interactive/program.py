#!/usr/bin/env python3
"""`oakum fix -i`, as a program: on a terminal, and over pipes with the cases of the patches.   usage: program.py OAKUM [NAME...]

Each function named test_* below is one test, with an empty folder of its own.
"""
import os
import pathlib
import pty
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from talk import converse, PATIENCE  # noqa: E402

CASES = sorted(HERE.parent.glob("cases/*/*/input.yaml"))
TWO = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: registry.example/web:1
    securityContext:
      privileged: true
      allowPrivilegeEscalation: true
"""


class World:
    def __init__(self, oakum, folder):
        self.oakum, self.folder = oakum, pathlib.Path(folder)
        self.env = dict(os.environ, LC_ALL="C", NO_COLOR="1", HOME=folder)

    def fix(self, path, *options):
        return subprocess.run([self.oakum, "fix", "--no-config", *options, path], cwd=self.folder, env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)

    def ask(self, path, choose, *options):
        return converse([self.oakum, "fix", "-i", "--no-config", *options, path], self.folder, self.env, choose)

    def write(self, text, name="a.yaml"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


def expect(is_right, *words):
    if not is_right:
        raise AssertionError(" ".join(str(word) for word in words))


# ---- over pipes: all cases ----

def unheld(said, letters, words):
    return "y" if "y" in letters and "held" not in words else "n"


def test_yes_to_all_is_fix(world):
    for case in CASES[::8]:
        path = world.write(case.read_bytes())
        status = world.fix(path.name).returncode
        want = path.read_bytes()
        path.write_bytes(case.read_bytes())
        told, page = world.ask(path.name, unheld)
        expect(path.read_bytes() == want, case, "yes to all is not what fix does")
        expect((told == 2) == (status == 2), case, "status", told, status, page)


def test_no_to_all_changes_nothing(world):
    for case in CASES[1::8]:
        path = world.write(case.read_bytes())
        _, page = world.ask(path.name, lambda *_: "n")
        expect(path.read_bytes() == case.read_bytes(), case, "no to all changed it", page)


def test_any_answers_are_kept(world):
    """What was accepted is done, what was not is not, whatever the combination."""
    dice = random.Random(1)
    for case in CASES[2::8]:
        for options in ([], ["--profile", "hardened"]):
            said_yes = [0]

            def throw(said, letters, words):
                if letters == [""]:
                    return "why not" if "reason" in said else ""
                letter = dice.choice([c for c in letters if c in "ynynyni"] or ["n"])
                said_yes[0] += letter == "y"
                return letter if said_yes[0] < 100 else "q"

            path = world.write(case.read_bytes())
            _, page = world.ask(path.name, throw, *options)
            expect("accepted, and not done" not in page, case, options, page[-2000:])
            expect("verification failed" not in page, case, options, page[-2000:])
            fixed = sum(int(n) for n in re.findall(r"^a\.yaml: (\d+) fixed", page, re.M))
            expect(fixed >= said_yes[0], case, options, f"{said_yes[0]} accepted, {fixed} done", page[-2000:])


# ---- who may answer ----

def refused(world, stdin, *words):
    done = subprocess.run([world.oakum, "fix", "-i", *words], cwd=world.folder, env=world.env, stdin=stdin,
                          capture_output=True, timeout=PATIENCE)
    expect(done.returncode == 2 and done.stderr.count(b"\n") == 1 and not done.stdout, words, done)
    return done.stderr.decode()


def test_nobody_is_there(world):
    path = world.write(TWO)
    expect("no terminal" in refused(world, subprocess.DEVNULL, "a.yaml"), "/dev/null answered")
    closed = subprocess.run(["sh", "-c", '"$0" fix -i a.yaml <&-', world.oakum], cwd=world.folder, env=world.env,
                            capture_output=True, timeout=PATIENCE)
    expect(closed.returncode == 2 and b"no terminal" in closed.stderr, "a closed standard input answered", closed)
    expect(path.read_text() == TWO, "the file changed")


def test_answers_end(world):
    """What was accepted before they ended is done, nothing else."""
    path = world.write(TWO)
    done = subprocess.run([world.oakum, "fix", "-i", "a.yaml"], cwd=world.folder, env=world.env, input=b"y\nn\n",
                          capture_output=True, timeout=PATIENCE)
    expect(path.read_text() == TWO.replace("privileged: true", "privileged: false"), path.read_text())
    expect(done.returncode == 1 and b"stopped: no other file was looked at" in done.stderr, done)


# ---- on a terminal ----

class Terminal:
    def __init__(self, world, *words):
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([world.oakum, "fix", "-i", "--no-config", *words], cwd=world.folder, env=world.env,
                                        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        preexec_fn=lambda: take_terminal(slave))
        self.said = b""
        self.heard = 0

    def until(self, word):
        end = time.monotonic() + PATIENCE
        while word not in self.said[self.heard:]:
            expect(time.monotonic() < end, "never said", word, self.said)
            if select.select([self.master], [], [], 1)[0]:
                self.said += os.read(self.master, 65536)
        self.heard = self.said.index(word, self.heard) + len(word)

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        status = self.process.wait(PATIENCE)
        while select.select([self.master], [], [], 0.2)[0]:
            self.said += os.read(self.master, 65536)
        expect(termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was")
        os.close(self.master)
        os.close(self.slave)
        return status


def take_terminal(slave):
    import fcntl
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def test_on_a_terminal(world):
    path = world.write(TWO)
    at = Terminal(world, "a.yaml")
    at.until(b"(1/5) fix this [y,n,a,d,f,s,i,e,q,?]? ")
    at.type(b"e\n")
    at.until(b"privileged: ")
    at.until(b"[y,n,a,d,f,s,i,e,q,?]? ")
    at.type(b"?\n")
    at.until(b"  q  ")
    at.until(b"[y,n,a,d,f,s,i,e,q,?]? ")
    at.type(b"y\n")
    at.until(b"[capabilities-drop]")
    at.until(b"(2/5) fix this [y,n,a,d,f,s,i,e,q,?]? ")
    at.type(b"n\n")
    at.until(b"(3/5) ")
    at.type(b"s\n")
    expect(at.end() == 1, "status", at.said)
    expect(path.read_text() == TWO.replace("privileged: true", "privileged: false"), path.read_text())
    expect(at.said.count(b"]? n\r\n") == 1, "an answer stands twice", at.said)


def test_control_c(world):
    path = world.write(TWO)
    at = Terminal(world, "a.yaml")
    at.until(b"(1/5) ")
    at.type(b"y\n")
    at.until(b"(2/5) ")
    at.type(b"\x03")
    expect(at.end() == -signal.SIGINT, "status")
    expect(path.read_text() == TWO, "something was written")
    expect(os.listdir(world.folder) == ["a.yaml"], "something was left behind", os.listdir(world.folder))


def test_control_d(world):
    path = world.write(TWO)
    other = world.write(TWO, "b.yaml")
    at = Terminal(world, "a.yaml", "b.yaml")
    at.until(b"(1/5) ")
    at.type(b"y\n")
    at.until(b"(2/5) ")
    at.type(b"n\n")
    at.until(b"(3/5) ")
    at.type(b"\x04")
    expect(at.end() == 1, "status")
    expect(path.read_text() == TWO.replace("privileged: true", "privileged: false"), path.read_text())
    expect(other.read_text() == TWO, "the other file changed")


def test_changed_meanwhile(world):
    path = world.write(TWO)
    at = Terminal(world, "a.yaml")
    at.until(b"(1/5) ")
    path.write_text(TWO + "# somebody was faster\n")
    at.type(b"f\n")
    expect(at.end() == 2, "status", at.said)
    expect(path.read_text() == TWO + "# somebody was faster\n", "what somebody wrote is gone")


def run(oakum, name, test):
    folder = tempfile.mkdtemp()
    try:
        test(World(oakum, folder))
        return True
    except Exception:
        print(f"FAIL {name}")
        traceback.print_exc(file=sys.stdout)
        return False
    finally:
        shutil.rmtree(folder)


def main():
    tests = {name: test for name, test in globals().items() if name.startswith("test_")}
    names = sys.argv[2:] or list(tests)
    failed = sum(not run(os.path.abspath(sys.argv[1]), name, tests[name]) for name in names)
    print(f"{len(names)} tests, {failed} failed")
    return 1 if failed or not CASES else 0


sys.exit(main())
