"""What is offered is what is taken.   usage: words.py OAKUM

Every option of every command is offered to completion with an empty value. All the words that come are accepted, and a wrong
one is answered with a message that lists just these words."""

import re
import subprocess
import sys

OAKUM = sys.argv[1]
# Anything may stand there; the words are examples, or ids.
OPEN = {"--runtime-class", "--select", "--also", "--ignore", "--force"}
failures = []


def run(*words):
    return subprocess.run([OAKUM, *words], capture_output=True, text=True)


def candidates(*words):
    lines = run("__complete", *words).stdout.splitlines()
    assert re.fullmatch(r":\d+", lines[-1]), lines
    return [line.split("\t")[0] for line in lines[:-1]], int(lines[-1][1:])


def expect(condition, text):
    if not condition:
        failures.append(text)


def check_option(command, option):
    words, directive = candidates(command, option, "")
    refusal = run(command, option + "=no such word", "--help").stderr
    listed = re.search(rf"{option} is ([a-z0-9, -]+) or ([a-z0-9-]+)(?: for this command)?, not", refusal)
    if listed:
        named = set(re.split(r", ", listed.group(1))) | {listed.group(2)}
        expect(set(words) <= named, f"{command} {option}: offered {words}, but said: {refusal.strip()}")
        # A format may be one of other commands.
        for word in named - set(words):
            expect(run(command, f"{option}={word}", "--help").returncode != 0, f"{command} {option}: does not offer {word}")
    else:
        expect(not words or option in OPEN, f"{command} {option}: offers {words}, but takes anything")
    # (Of ids the parser only keeps the words.)
    for word in words if listed else []:
        answer = run(command, f"{option}={word}", "--help")
        expect(answer.returncode == 0, f"{command} {option}={word}: {answer.stderr.strip()}")
    return bool(listed)


def main():
    commands, directive = candidates("")
    expect(directive == 4 and len(commands) > 8, f"commands: {commands}")
    page = run("--help").stdout.partition("\n\nThe usual options")[0]
    expect(re.findall(r"^  ([a-z-]+) ", page, re.M) == commands, f"help has other commands: {commands}")
    pages = {command: run(command, "--help").stdout for command in commands}
    # Not every page tells an option in full: some only name it.
    takes_value = set(re.findall(r"(--[a-z-]+)=", "".join(pages.values())))
    checked = 0
    for command in commands:
        options, _ = candidates(command, "-")
        named = set(re.findall(r"(?<![a-z'])--[a-z-]+", pages[command]))
        expect(set(options) == named, f"{command}: help and completion differ: {set(options) ^ named}")
        for option in options:
            if option in takes_value:
                checked += check_option(command, option)
            else:
                words, _ = candidates(command, option + "=")
                expect(not words, f"{command} {option} takes no value: {words}")
    expect(checked >= 20, f"only {checked} options with fixed words were seen")
    for failure in failures:
        print(failure)
    print(f"{checked} options with fixed words, {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
