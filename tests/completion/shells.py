"""Real shells on real terminals: somebody presses the tab key, then Return.   usage: shells.py OAKUM [SHELL…]

Each line is typed into an interactive shell. Then the line's beginning gets a program that prints its arguments: so the test
sees what the shell made of the keys, whatever it drew. Exit status 77: a shell is missing."""

import multiprocessing
import os
import pty
import select
import shutil
import sys
import tempfile
import time

# What is typed, and the words that come of it. \t is the tab key.
LINES = [
    ("oakum chec\t", ["oakum", "check"]),
    ("oakum check --prof\tre\t", ["oakum", "check", "--profile", "restricted"]),
    ("oakum check --profile=re\t", ["oakum", "check", "--profile=restricted"]),
    ("oakum explain root-u\t", ["oakum", "explain", "root-user"]),
    ("oakum check --select=root-user,privilege-e\t", ["oakum", "check", "--select=root-user,privilege-escalation"]),
    ("oakum check --select root-user,privilege-e\t", ["oakum", "check", "--select", "root-user,privilege-escalation"]),
    ("oakum check --patches own --select my-\t", ["oakum", "check", "--patches", "own", "--select", "my-own"]),
    ("oakum check --select CKV_K8S_16\t", ["oakum", "check", "--select", "CKV_K8S_16"]),
    ("oakum check dep\t", ["oakum", "check", "deploy.yaml"]),
    ("oakum check -f two\t", ["oakum", "check", "-f", "two words.yaml"]),
    ("oakum check --config=dep\t", ["oakum", "check", "--config=deploy.yaml"]),
    ("oakum check --patches harde\t", ["oakum", "check", "--patches", "hardening/"]),
    ("oakum ignore root-u\tdep\t:3", ["oakum", "ignore", "root-user", "deploy.yaml:3"]),
    ("oakum completion z\t", ["oakum", "completion", "zsh"]),
    ("oakum version dep\t", ["oakum", "version", "dep"]),
    ("oakum help migr\t", ["oakum", "help", "migrate-psp"]),
    ("./oakum expl\troot-u\t", ["./oakum", "explain", "root-user"]),
]

OWN_PATCH = """id: my-own
title: Ours
target: pod
field: hostPID
allowed: [absent, false]
set: false
finding: sees the processes of its host
why: because
"""

SHELLS = {
    "bash": (["bash", "--noprofile", "--rcfile", "rc", "-i"], 'PS1="ready> "\nbind "set bell-style none" \neval "$(oakum completion bash)"\n'),
    "zsh": (["zsh", "-f", "-i"], 'PS1="ready> "\nautoload -U compinit\ncompinit -D -u\nsource <(oakum completion zsh)\n'),
    "fish": (["fish", "--no-config", "-i"], 'function fish_prompt\necho -n "ready> "\nend\nfunction fish_right_prompt\nend\noakum completion fish | source\n'),
}


class Terminal:
    def __init__(self, command, environment, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def wait_for(self, condition, seconds=20):
        """Reads what the shell draws until the condition holds."""
        end = time.monotonic() + seconds
        drawn = b""
        while not condition(drawn):
            if time.monotonic() > end:
                raise TimeoutError(drawn.decode(errors="replace"))
            if select.select([self.fd], [], [], 0.05)[0]:
                drawn += os.read(self.fd, 65536)
        return drawn

    def settle(self):
        """Reads until nothing has been drawn for a moment."""
        last = time.monotonic()
        while time.monotonic() - last < 0.3:
            if select.select([self.fd], [], [], 0.05)[0]:
                os.read(self.fd, 65536)
                last = time.monotonic()

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def words_of(terminal, folder, line):
    answer = os.path.join(folder, "answer")
    if os.path.exists(answer):
        os.remove(answer)
    for piece in line.replace("\t", "\t\0").split("\0"):
        terminal.type(piece)
        terminal.settle()
    terminal.type("\x01./words \r")
    terminal.wait_for(lambda drawn: os.path.exists(answer))
    terminal.settle()
    with open(answer) as file:
        return file.read().split("\n")[:-1]


def test_shell(shell, oakum, extra=""):
    command, setup = SHELLS[shell]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(oakum, os.path.join(folder, "oakum"))
        for name in ("deploy.yaml", "two words.yaml", "hardening.txt"):
            open(os.path.join(folder, name), "w").close()
        for name in ("hardening", "own"):
            os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, "own", "my-own.yaml"), "w") as file:
            file.write(OWN_PATCH)
        with open(os.path.join(folder, "words"), "w") as file:
            file.write('#!/bin/sh\nprintf "%s\\n" "$@" >answer.new && mv answer.new answer\n')
        os.chmod(os.path.join(folder, "words"), 0o755)
        with open(os.path.join(folder, "rc"), "w") as file:
            file.write(extra + setup)
        environment = {"PATH": folder + ":" + os.environ["PATH"], "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8",
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        terminal = Terminal(command, environment, folder)
        try:
            if shell != "bash":
                terminal.settle()
                terminal.type("source ./rc\r")
            terminal.wait_for(lambda drawn: b"ready> " in drawn)
            terminal.settle()
            for line, want in LINES:
                # Behind a file whose line is still to come, fish writes the colon.
                got = words_of(terminal, folder, line.replace("\t:", "\t") if shell == "fish" else line)
                # zsh takes the slash of a folder back when the line ends.
                if got != want and got != [word.rstrip("/") for word in want]:
                    failed += 1
                    print(f"{shell}: {line!r}: expected {want}, got {got}")
        finally:
            terminal.close()
    print(f"{shell}: {len(LINES)} lines, {failed} failed")
    return failed


def run_test(arguments):
    return test_shell(*arguments)


def main():
    oakum = os.path.abspath(sys.argv[1])
    shells = sys.argv[2:] or list(SHELLS)
    missing = [shell for shell in shells if shutil.which(shell) is None]
    tests = [(shell, oakum) for shell in shells if shell not in missing]
    framework = "/usr/share/bash-completion/bash_completion"
    if "bash" in shells and os.path.exists(framework):
        tests.append(("bash", oakum, f"source {framework}\n"))
    # They wait for the shells' drawing nearly all of their time.
    with multiprocessing.Pool(len(tests) or 1) as pool:
        failed = sum(pool.map(run_test, tests, chunksize=1))
    if missing:
        print("skipped: not installed: " + " ".join(missing))
        failed += len(missing) if os.environ.get("OAK_CI") else 0
    sys.exit(1 if failed else 77 if missing else 0)


if __name__ == "__main__":
    main()
