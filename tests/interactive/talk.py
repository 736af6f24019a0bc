"""Talks with `oakum fix -i`: reads a question, gives an answer."""
import os
import re
import select
import subprocess

PROMPT = re.compile(rb"\((\d+)/(\d+)\) ([^\n\[]*)\[([a-z,?]+)\]\? $|\)\? $")
PATIENCE = 60  # seconds for one question


class Talk:
    """A program at work. `ask` gives what it says up to its next question, and the letters that it takes; None at its end."""

    def __init__(self, argv, cwd, env):
        self.process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.page = b""

    def ask(self):
        said = b""
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            if not ready:
                raise AssertionError(f"no word for {PATIENCE} s; the last were: {said[-300:]!r}")
            more = os.read(self.process.stdout.fileno(), 65536)
            self.page += more
            said += more
            if not more:
                return None
            found = PROMPT.search(said)
            if found:
                return said.decode("utf-8", "replace"), (found[4] or b"").decode().split(","), (found[3] or b"").decode()

    def answer(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        """The exit status."""
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return status


def converse(argv, cwd, env, choose):
    """Answers each question with choose(said, letters, words); returns (status, all that was said)."""
    talk = Talk(argv, cwd, env)
    question = talk.ask()
    while question is not None:
        talk.answer(choose(*question))
        question = talk.ask()
    status = talk.end()
    return status, talk.page.decode("utf-8", "replace")
