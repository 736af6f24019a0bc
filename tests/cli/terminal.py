"""What a terminal shows: colours, lines that fit, and the line of progress that comes and goes.

usage: terminal.py OAKUM [NAME…]      a test is a function; without names all run

The program sits before a pseudo-terminal; what it writes is looked at as bytes and, where it moves about, as the screen that
they leave. Nothing here waits for a clock to pass: input is held back until what is expected has been seen."""
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios

OAKUM = os.path.abspath(sys.argv[1])
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
TOGETHER, OUT, ERR = "both", "out", "err"
PATIENCE = 20  # seconds, before a test is given up

POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    securityContext: {runAsUser: 0, privileged: true}
"""


class Seat:
    """The program, and somebody before a terminal who sees its output, its messages, or both."""

    def __init__(self, args, seen=TOGETHER, columns=80, env=None, stdin=None):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST  # bytes as they were written
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        clean = {k: v for k, v in os.environ.items()
                 if k not in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "OAKUM_PROGRESS_DELAY")}
        clean.update({"TERM": "xterm-256color", **(env or {})})
        self.file = tempfile.TemporaryFile()
        ends = {TOGETHER: (slave, slave), OUT: (slave, self.file), ERR: (self.file, slave)}[seen]
        self.program = subprocess.Popen([OAKUM, *args], stdin=stdin if stdin is not None else subprocess.DEVNULL,
                                        stdout=ends[0], stderr=ends[1], env=clean)
        os.close(slave)
        self.seen = b""

    def read_some(self):
        ready, _, _ = select.select([self.master], [], [], PATIENCE)
        assert ready, f"nothing more came after {self.seen!r}"
        try:
            part = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            part = b""
        self.seen += part
        return len(part) > 0

    def wait_for(self, words):
        while words not in self.seen:
            assert self.read_some(), f"{words!r} never came, but {self.seen!r}"

    def finish(self):
        """All that was seen, and what went into the file."""
        while self.read_some():
            pass
        self.program.wait(PATIENCE)
        os.close(self.master)
        self.file.seek(0)
        return self.seen, self.file.read()


def look(args, **how):
    return Seat(args, **how).finish()


def screen(seen):
    """The lines that are left: knows of carriage returns and of erasing the rest of a line."""
    lines = []
    for line in COLOUR.sub(b"", seen).decode().split("\n"):
        cells, at = [], 0
        for token in re.findall(r"\x1b\[K|\r|[^\x1b]", line):
            if token == "\r":
                at = 0
            elif token == "\x1b[K":
                del cells[at:]
            else:
                cells[at:at + 1] = [token]
                at += 1
        lines.append("".join(cells))
    return lines


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


# ---- colour ----

def colour_on_a_terminal():
    seen, _ = look(["check", "pod.yaml"])
    assert b"\x1b[1;31mopen\x1b[m" in seen, seen
    assert b"[\x1b[1mprivileged\x1b[m]" in seen, seen
    assert b"\x1b[1;35mheld\x1b[m" in seen, seen


def colour_is_refused():
    for env, args in (({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({"TERM": ""}, []), ({"CLICOLOR": "0"}, []),
                      ({}, ["--color=never"]), ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, []),
                      ({"CLICOLOR_FORCE": "1"}, ["--color=never"])):
        seen, _ = look(["check", *args, "pod.yaml"], env=env)
        assert b"open" in seen and b"\x1b" not in seen, (env, args, seen)


def colour_is_asked_for():
    for env, args in (({"CLICOLOR_FORCE": "1"}, []), ({"NO_COLOR": "1"}, ["--color=always"]),
                      ({"TERM": "dumb"}, ["--color", "always"])):
        _, out = look(["check", *args, "pod.yaml"], seen=ERR, env=env)
        assert b"\x1b[1;31mopen\x1b[m" in out, (env, args, out)
    _, out = look(["check", "pod.yaml"], seen=ERR, env={"CLICOLOR_FORCE": "0", "NO_COLOR": ""})
    assert b"\x1b" not in out, out


def each_stream_for_itself():
    seen, out = look(["check", "pod.yaml"], seen=ERR)
    assert b"\x1b[1;31mopen" in seen and b"open" in out and b"\x1b" not in out, (seen, out)
    seen, err = look(["check", "pod.yaml"], seen=OUT)
    assert b"\x1b[1;31mopen" in seen and b"open" in err and b"\x1b" not in err, (seen, err)


def a_diff_as_git_has_it():
    seen, _ = look(["diff", "pod.yaml"], seen=OUT)
    for words in (b"\x1b[1m--- a/pod.yaml\x1b[m\n", b"\x1b[36m@@ -2,6 +2,9 @@\x1b[m\n", b"\x1b[31m-    securityContext", b"\x1b[32m+    securityContext"):
        assert words in seen, (words, seen)
    plain = subprocess.run([OAKUM, "diff", "pod.yaml"], capture_output=True, check=False).stdout
    assert COLOUR.sub(b"", seen) == plain, seen


def programs_get_no_colour():
    seen, _ = look(["check", "--format=json", "--color=always", "pod.yaml"], seen=OUT)
    assert seen.startswith(b"{") and b"\x1b" not in seen, seen


def a_manifest_writes_no_escapes():
    """Raw, YAML does not allow all of them; in quotes it does."""
    written = "\\e]0;owned\\a\\x9b31m"
    raw = "\x9b31m \u202e \x1b]0;owned\x07"
    pod = POD.replace("{name: web}", f'{{name: "{written}", annotations: {{container.seccomp.security.alpha.kubernetes.io/web: "{written}"}}}}')
    write("names.yaml", pod.replace("- name: web", f'- name: "{written}"').replace("true}", f'true, capabilities: {{add: ["{written}"]}}}}'))
    write("raw.yaml", POD.replace("true}", f"true}} # {raw}"))
    write("c1.yaml", POD.replace("true}", f"true}} # {raw[:8]}"))
    write("why.yaml", POD.replace("  containers:", f"  # oakum: ignore privileged -- {raw[:8]}\n  containers:"))
    for command in ("check", "diff", "fix"):
        for args in (["--color=always"], ["--color=never"], ["-v"]):
            seen, _ = look([command, "--profile=hardened", *args, "names.yaml", "raw.yaml", "c1.yaml", "why.yaml"])
            assert b"?]0;owned?" in seen or command == "fix", seen
            rest = COLOUR.sub(b"", seen)
            bad = re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae", rest)
            assert not bad, (command, args, bad, seen)


# ---- width ----

def reasons_fit():
    for columns in (56, 60, 100):
        seen, _ = look(["check", "--select=root-user,non-root", "pod.yaml"], columns=columns)
        lines = [line for line in screen(seen) if not line.startswith("pod.yaml:")]
        assert max(map(len, lines)) <= columns, (columns, lines)
        assert any("held: " in line for line in lines), lines
    seen, _ = look(["check", "pod.yaml"], columns=120, env={"COLUMNS": "70"})
    assert max(len(line) for line in screen(seen) if not line.startswith("pod.yaml:")) <= 70, seen


def pipes_get_whole_lines():
    _, out = look(["check", "--select=root-user", "pod.yaml"], seen=ERR, columns=40)
    assert b"      = held: somebody wrote runAsUser: 0, so the image probably needs to be root; check that it runs as another user\n" in out, out


# ---- progress ----

def progress(args, seen=TOGETHER, until=b"files: ", **how):
    """Input is held back until `until` was seen; the screen after that, and all bytes."""
    read, hold = os.pipe()
    seat = Seat(args, seen=seen, stdin=read, env={"OAKUM_PROGRESS_DELAY": "0", "NO_COLOR": "1"}, **how)
    os.close(read)
    seat.wait_for(until)
    os.write(hold, POD.encode())
    os.close(hold)
    seen, rest = seat.finish()
    return screen(seen), seen, rest


def progress_comes_and_goes():
    lines, seen, _ = progress(["check", "-j1", "pod.yaml", "-"], until=b"files: 1, ")
    assert b"\rfiles: 1, " in seen, seen
    assert not any(line.startswith("files: ") for line in lines), lines
    want = subprocess.run([OAKUM, "check", "--color=never", "-j1", "pod.yaml", "-"], input=POD.encode(), capture_output=True, check=False)
    lines, _, _ = progress(["check", "-j1", "pod.yaml", "-"], columns=400)
    assert "\n".join(lines) == (want.stdout + want.stderr).decode(), lines


def progress_says_where():
    os.makedirs("deploy/prod", exist_ok=True)
    write("deploy/prod/pod.yaml", POD)
    # One worker waits for its input, the other for its turn: it has walked on.
    _, seen, _ = progress(["diff", "-j2", "-", "deploy"], seen=ERR, until=b"\rfiles: 0, findings: 0  deploy/prod/\x1b[K")
    assert seen.endswith(b"\n"), seen
    _, seen, _ = progress(["check", "-j1", "-"], columns=12)
    assert b"\rfiles: 0, f\x1b[K" in seen, seen


def no_progress_where_nobody_wants_it():
    """Quiet; or another program reads what we write, and shows it where it likes."""
    for args, env in ((["-q"], {}), ([], {"TERM": "dumb"})):
        seat = Seat(["check", *args, "-"], env={"OAKUM_PROGRESS_DELAY": "0", **env}, stdin=subprocess.PIPE)
        assert not select.select([seat.master], [], [], 0.3)[0], args
        seat.program.stdin.write(POD.encode())
        seat.program.stdin.close()
        seen, _ = seat.finish()
        assert b"files: " not in seen and b"\x1b[K" not in seen, seen


def no_progress_when_it_is_quick():
    seen, _ = look(["check", "pod.yaml"], env={"OAKUM_PROGRESS_DELAY": "60000"})
    assert b"\x1b[K" not in seen and b"files: " not in seen, seen


TESTS = [colour_on_a_terminal, colour_is_refused, colour_is_asked_for, each_stream_for_itself, a_diff_as_git_has_it,
         programs_get_no_colour, a_manifest_writes_no_escapes, reasons_fit, pipes_get_whole_lines, progress_comes_and_goes,
         progress_says_where, no_progress_where_nobody_wants_it, no_progress_when_it_is_quick]


def main():
    names = sys.argv[2:]
    chosen = [test for test in TESTS if not names or test.__name__ in names]
    failed = 0
    for test in chosen:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            write("pod.yaml", POD)
            try:
                test()
            except AssertionError as error:
                failed += 1
                print(f"FAIL {test.__name__}: {error}")
            os.chdir("/")
    print(f"{len(chosen)} tests, {failed} failed")
    return 1 if failed or not chosen else 0


sys.exit(main())
