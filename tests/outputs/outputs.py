#!/usr/bin/env python3
"""The outputs for machines, read by others than oakum.

usage: outputs.py OAKUM [--corpus N]

Over every manifest of tests/cases and examples, in four spellings, and a hostile tree; with --corpus over N real files.

SARIF    own code applies the fixes: all of them make what `oakum fix` makes, byte for byte; each of them alone makes a file in which its
         findings are gone and no other has come, and that the API server does not refuse for a pair of values. Fixes neither overlap nor touch. Fingerprints stay when lines move.
github   read by the rules of the runner (ActionCommand.cs), and compared with the JSON
JUnit    read by Python's expat; its counts are added up
With the tools that tools.sh installs: the JSON Schema of SARIF and of our own JSON, Microsoft's validator, junitparser, and a Markdown
parser that must find no markup of a manifest's.

Exit status: 0 all holds, 1 something does not, 77 what could be looked at holds, and tools or corpus are missing.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

import yaml

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
ROOT = TESTS.parent
BOM = b"\xef\xbb\xbf"
SPELLINGS = {
    "plain": lambda data: data,
    "crlf": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "bom": lambda data: BOM + data.removeprefix(BOM),
    "nonl": lambda data: data.rstrip(b"\r\n"),
}
OPTIONS = {
    "default": [],
    "all": ["--fix=all", "--profile", "hardened", "--runtime-class", "gvisor", "--enforce", "baseline", "--also",
            "tmp-volume,host-path-removal"],
}
failures = []


def expect(holds, what, *more):
    if not holds:
        failures.append(what)
        if len(failures) <= 20:
            print("FAIL", what, *(str(m)[:2000] for m in more), file=sys.stderr)


def run(oakum, *words, cwd, statuses=(0, 1, 2), env=None):
    """stdout, as bytes."""
    done = subprocess.run([oakum, *words], cwd=cwd, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
    expect(done.returncode in statuses, f"status {done.returncode} of {words}", done.stderr.decode(errors="replace"))
    return done.stdout


# ---- the trees ----


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def add_manifests(tree):
    sources = sorted(TESTS.glob("cases/*/*/input.*")) + sorted((ROOT / "examples" / "broken").rglob("*.*"))
    for source in sources:
        name = "-".join(source.relative_to(ROOT).parts[1:-1])
        for spelling, respell in SPELLINGS.items():
            write(tree / spelling / f"{name}-{source.name}", respell(source.read_bytes()))
    return len(sources)


HOSTILE = """\
apiVersion: v1
kind: Pod
metadata:
  name: %s
spec:
  containers:
  - name: %s
    image: registry.example/a:1
    securityContext:
      privileged: true   # \U0001f600 beyond the first 65,536 characters
  - {name: "\U0001f600\U0001f600", image: x, securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}}
"""
NAMES = [
    "a\\u001b[31m\\u0000\\u0008", "</failure></testcase>&<![CDATA[ ]]>", "x\\r\\n::error file=a.yaml::gotcha", "%0A::debug::y",
    "[click](http://evil.example)", "</details><img src=x onerror=alert(1)>", "@everyone #1 `code` | x", "\\uFFFE\\uFFFF\\u200b\\u202e",
    "a,b:c=d;title=e", "{0} {{x}}", "\U0001f600",
]
PATHS = ["a b,c:d.yaml", "per%cent.yaml", "line\nbreak.yaml", "quote'\".yaml", "::error::.yaml", "-dash#?.yaml", "tab\t.yaml",
         "ümlaut-\U0001f600.yaml", "a<b>&c.yaml", "back\\slash.yaml"]


def add_hostile(tree):
    for i, name in enumerate(NAMES):
        write(tree / f"name-{i}.yaml", (HOSTILE % (f'"{name}"', f'"{name}"')).encode())
    for path in PATHS:
        write(tree / path, (HOSTILE % ("web", "web")).encode())
    (tree / os.fsdecode(b"no-utf8-\xff\xfe.yaml")).write_bytes((HOSTILE % ("web", "web")).encode())
    write(tree / "template.yaml", b"apiVersion: v1\nkind: Pod\n{{ if x }}\nspec: {}\n")
    write(tree / "broken.yaml", b"apiVersion: v1\nkind: Pod\nspec:\n\t- a\n")
    write(tree / "half.yaml", (HOSTILE % ("web", "web")).encode() + b"---\napiVersion: v1\nkind: Pod\nspec:\n\t- a\n")
    write(tree / "bytes.yaml", b"apiVersion: v1\nkind: Pod\nspec: \xff\n")
    write(tree / "exempt.yaml", (HOSTILE % ("web", "web")).replace(
        "      privileged: true   #", "      # oakum: ignore privileged -- <b>it</b> must\n      privileged: true   #").encode())


# ---- SARIF ----


class Lines:
    """A text as SARIF sees it: lines, and columns in units of UTF-16; a byte order mark is no part of the text."""

    def __init__(self, data):
        self.has_bom = data.startswith(BOM)
        self.text = data.removeprefix(BOM).decode()
        self.starts = [0] + [m.end() for m in re.finditer("\n", self.text)]

    def offset(self, line, column):
        at, units = self.starts[line - 1], column - 1
        while units > 0:
            units -= 2 if ord(self.text[at]) > 0xFFFF else 1
            at += 1
        if units != 0:
            raise ValueError("inside a character")
        return at

    def replace(self, replacements):
        """All at once. Raises if some overlap or touch."""
        out, done, last = [], 0, -1
        for start, end, text in sorted(replacements):
            if start <= last or end < start:
                raise ValueError(f"replacements overlap or touch at {start}")
            out += [self.text[done:start], text]
            done, last = end, end
        return (BOM if self.has_bom else b"") + ("".join(out) + self.text[done:]).encode()


def path_of(location):
    expect(location.get("uriBaseId") == "%SRCROOT%", "a path has no base", location)
    return os.fsdecode(urllib.parse.unquote_to_bytes(location["uri"]))


def key_of(result):
    return result["partialFingerprints"]["oakum/v1"].rsplit(":", 1)[0]


class Sarif:
    def __init__(self, data):
        self.log = json.loads(data)
        (self.run,) = self.log["runs"]
        self.by_file = collections.defaultdict(list)
        for result in self.run["results"]:
            path = path_of(result["locations"][0]["physicalLocation"]["artifactLocation"])
            self.by_file[path].append(result)
        rules = {rule["id"] for rule in self.run["tool"]["driver"]["rules"]}
        marks = collections.Counter()
        for path, results in self.by_file.items():
            for result in results:
                marks[path, result["partialFingerprints"]["primaryLocationLineHash"]] += 1
                expect(result["ruleId"] in rules, f"{result['ruleId']} is no rule of the run")
        expect(not marks or max(marks.values()) == 1, "fingerprints are not unique", marks.most_common(1))

    def fixes(self, path, lines):
        """{fix as a sorted tuple of replacements: [results]}"""
        fixes = collections.defaultdict(list)
        for result in self.by_file.get(path, ()):
            for fix in result.get("fixes", ()):
                (change,) = fix["artifactChanges"]
                expect(path_of(change["artifactLocation"]) == path, "a fix is about another file")
                parts = []
                for part in change["replacements"]:
                    region = part["deletedRegion"]
                    parts.append((lines.offset(region["startLine"], region["startColumn"]),
                                  lines.offset(region["endLine"], region["endColumn"]), part["insertedContent"]["text"]))
                fixes[tuple(sorted(parts))].append(result)
        return fixes

    def keys(self, path):
        return collections.Counter(map(key_of, self.by_file.get(path, ())))


def files_of(tree):
    return sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())


def check_together(sarif, tree, fixed, alone):
    """All fixes of a file make what `fix` made. Writes each of them alone below `alone`; returns what should become of it."""
    wanted = {}
    for path in files_of(tree):
        data = (tree / path).read_bytes()
        try:
            lines = Lines(data)
        except UnicodeDecodeError:
            expect(path not in sarif.by_file or not any("fixes" in r for r in sarif.by_file[path]), f"{path}: a fix of no UTF-8")
            continue
        fixes = sarif.fixes(path, lines)
        try:
            result = lines.replace([part for fix in fixes for part in fix])
        except ValueError as error:
            expect(False, f"{path}: {error}")
            continue
        expect(result == (fixed / path).read_bytes(), f"{path}: the fixes together are not what fix makes")
        for number, (fix, results) in enumerate(fixes.items()):
            if len(fixes) > 1:
                name = f"{number}/{path}"
                write(alone / name, lines.replace(fix))
                wanted[name] = (path, collections.Counter(map(key_of, results)))
    return wanted


def refused_pairs(data):
    """How many security contexts say what the API server refuses: no escalation, for one who is privileged."""
    count, todo = 0, list(yaml.load_all(data, Loader=yaml.CSafeLoader))
    while todo:
        node = todo.pop()
        if isinstance(node, dict) and node.get("kind") != "PodSecurityPolicy":
            todo += node.values()
            capabilities = node.get("capabilities")
            added = capabilities.get("add") if isinstance(capabilities, dict) else None
            is_mighty = node.get("privileged") is True or (isinstance(added, list) and "CAP_SYS_ADMIN" in added)
            count += is_mighty and node.get("allowPrivilegeEscalation") is False
        elif isinstance(node, list):
            todo += node
    return count


def check_pairs(tree, alone, wanted):
    for name, (path, _) in wanted.items():
        try:
            before = refused_pairs((tree / path).read_bytes())
        except (yaml.YAMLError, ValueError):
            continue
        expect(refused_pairs((alone / name).read_bytes()) <= before, f"{name}: a fix alone makes what the API server refuses")


def check_alone(oakum, options, sarif, alone, wanted):
    """Each fix alone: its findings are gone, and no other has come."""
    if not wanted:
        return
    after = Sarif(run(oakum, "check", "--no-config", "--format", "sarif", *options, ".", cwd=alone))
    for note in after.run["invocations"][0].get("toolExecutionNotifications", ()):
        expect(note["level"] != "error", "a fix alone makes a file that cannot be done", note)
    for name, (path, gone) in wanted.items():
        before, left = sarif.keys(path), after.keys(name)
        for key, count in left.items():
            expect(count <= before[key] - gone[key], f"{name}: a fix alone leaves its finding, or brings one", key)


def check_fixes(oakum, tree, options):
    with tempfile.TemporaryDirectory() as scratch:
        fixed, alone = pathlib.Path(scratch, "fixed"), pathlib.Path(scratch, "alone")
        shutil.copytree(tree, fixed)
        alone.mkdir()
        sarif = Sarif(run(oakum, "check", "--no-config", "--format", "sarif", *options, ".", cwd=tree))
        run(oakum, "fix", "--no-config", "--format", "json", *options, ".", cwd=fixed)
        wanted = check_together(sarif, tree, fixed, alone)
        check_alone(oakum, options, sarif, alone, wanted)
        check_pairs(tree, alone, wanted)
        return len(sarif.run["results"]), len(wanted)


def check_fingerprints(oakum, tree):
    """Lines above and beside move nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        moved = pathlib.Path(scratch, "moved")
        shutil.copytree(tree / "plain", moved)
        for path in moved.glob("*.yaml"):
            if not path.read_bytes().startswith(b"%"):
                path.write_bytes(b"# one line more\n\n" + path.read_bytes())
        old, new = (Sarif(run(oakum, "check", "--no-config", "--format", "sarif", ".", cwd=where)) for where in (tree / "plain", moved))
        moves = 0
        for path in files_of(moved):
            if [r["ruleId"] for r in old.by_file[path]] == [r["ruleId"] for r in new.by_file[path]]:
                moves += 1
                expect(old.keys(path) == new.keys(path), f"{path}: fingerprints do not stay")
        expect(moves > 200, "hardly a file was moved", moves)


# ---- workflow commands ----

ESCAPES = (("%0D", "\r"), ("%0A", "\n"))
MORE_ESCAPES = (("%3A", ":"), ("%2C", ","))


def unescape(text, escapes):
    for code, char in escapes:
        text = text.replace(code, char)
    return text.replace("%25", "%")


def parse_command(line):
    """As the runner does: actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2."""
    line = line.strip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    head, _, properties = line[2:end].partition(" ")
    values = {}
    for pair in properties.strip().split(","):
        name, found, value = pair.partition("=")
        if found:
            values[name.strip()] = unescape(value, ESCAPES + MORE_ESCAPES)
    return head, values, unescape(line[end + 2:], ESCAPES)


def visible(text):
    return re.sub(r"[\x00-\x1f\x7f]", lambda m: " " if m[0] in "\t\n" else "?", text)


def check_github(oakum, tree, lines):
    summary = tree.parent / "summary.md"
    summary.write_bytes(b"# before\n")
    out = run(oakum, "check", "--no-config", "--format", "github", ".", cwd=tree, env={"GITHUB_STEP_SUMMARY": str(summary)})
    told, levels = set(), []
    for line in out.decode(errors="surrogateescape").splitlines():
        command = parse_command(line)
        expect(command is not None, "no command", line)
        level, values, message = command
        levels.append(level)
        expect(message and values["title"], "an annotation without words", line)
        for patch in values["title"].split(", "):
            told.add((values["file"], values.get("line"), patch))
    expect(levels == sorted(levels, key=["error", "warning", "notice"].index), "the gravest do not come first")
    for line in lines:
        for f in line["findings"]:
            if f["outcome"] != "ignored" and "\ufffd" not in line["file"]:
                expect((visible(line["file"]), str(f["line"]), f["patch"]) in told, "a finding is no annotation", line["file"], f)
    text = summary.read_text()
    expect(text.startswith("# before\n## oakum: ") and text.count("## oakum") == 1, "the summary was not appended")
    expect(len(text) < 65536, "the summary is too long", len(text))
    return len(levels)


# ---- JUnit ----


def check_junit(oakum, tree, lines):
    data = run(oakum, "check", "--no-config", "--format", "junit", ".", cwd=tree)
    try:
        top = xml.etree.ElementTree.fromstring(data)
    except xml.etree.ElementTree.ParseError as error:
        expect(False, f"JUnit: {error}")
        return data
    sums = collections.Counter()
    for suite in top:
        kinds = collections.Counter(child.tag for case in suite for child in case)
        wanted = {"tests": len(suite), "failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]}
        for name, count in wanted.items():
            expect(int(suite.get(name)) == count, f"JUnit: {name} of {suite.get('name')}", wanted)
            sums[name] += count
        names = [(case.get("classname"), case.get("name")) for case in suite]
        expect(len(set(names)) == len(names), "JUnit: two cases have one name", suite.get("name"))
    for name, count in sums.items():
        expect(int(top.get(name)) == count, f"JUnit: {name} of all", count)
    findings = sum(f["outcome"] != "ignored" for line in lines for f in line["findings"])
    templates = sum(line.get("error", {}).get("template", False) for line in lines)
    expect(sums["failures"] == findings + templates, "JUnit: another number of findings than in JSON", sums, findings)
    return data


# ---- JSON ----


def check_json(oakum, tree):
    lines = [json.loads(line) for line in run(oakum, "check", "--no-config", "--format", "json", ".", cwd=tree).splitlines()]
    for line in lines:
        used = {f["fix"] for f in line["findings"] if "fix" in f}
        expect(used == {e["fix"] for e in line["edits"]}, "an edit is no finding's, or a finding has none", line["file"])
        for f in line["findings"]:
            expect("fix" in f or not f["changes"], "a change without an edit", f)
    return lines


# ---- with tools ----


def all_json(oakum, tree):
    yield run(oakum, "check", "--no-config", "--format", "json", "--enforce", "auto", ".", cwd=tree)
    yield run(oakum, "diff", "--no-config", "--format", "json", *OPTIONS["all"], ".", cwd=tree)
    for folder in sorted((TESTS / "cli").glob("migrate-psp*/tree")):
        yield run(oakum, "migrate-psp", "--format", "json", ".", cwd=folder)
        yield run(oakum, "migrate-psp", "--psp-mapping", "lenient", "--psp-enforce", "--format", "json", ".", cwd=folder)
    with tempfile.TemporaryDirectory() as scratch:
        fixed = pathlib.Path(scratch, "tree")
        shutil.copytree(tree, fixed)
        yield run(oakum, "fix", "--no-config", "--format", "json", ".", cwd=fixed)
        yield repositories(oakum, pathlib.Path(scratch))
    for out in sorted((TESTS / "cli").glob("*/out")):
        lines = [line for line in out.read_bytes().splitlines() if line.startswith(b'{"version"')]
        yield b"\n".join(lines)


def repositories(oakum, scratch):
    """Of three repositories, one is not there, and one has nothing to fix."""
    env = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for name in "author", "committer":
        env |= {f"GIT_{name.upper()}_NAME": "a", f"GIT_{name.upper()}_EMAIL": "a@example.org"}
    for name, text in ("bad", HOSTILE % ("web", "web")), ("good", "a: 1\n"):
        write(scratch / name / "a.yaml", text.encode())
        for words in ("init", "-q"), ("add", "."), ("commit", "-qm", "first"):
            subprocess.run(["git", *words], cwd=scratch / name, check=True, env={**os.environ, **env})
    (scratch / "list").write_text("".join(f"{scratch}/{name}\n" for name in ("bad", "good", "gone")))
    return run(oakum, "commit", "--repos-from", "list", "--branch", "hard", "--format", "json", cwd=scratch, env=env)


def check_schemas(oakum, tools, tree, hostile):
    import jsonschema

    own = jsonschema.Draft202012Validator(json.loads((ROOT / "schema" / "output.schema.json").read_text()))
    own.check_schema(own.schema)
    count, kinds = 0, set()
    for where in (tree, hostile):
        for data in all_json(oakum, where):
            for line in data.splitlines():
                value = json.loads(line)
                count += 1
                kinds.add(next(key for key in ("file", "repository", "policy", "namespace", "refused") if key in value))
                if not own.is_valid(value):
                    inner = jsonschema.exceptions.best_match(own.iter_errors(value))
                    expect(False, "our own schema", inner.message, inner.json_path)
    expect(kinds == {"file", "repository", "policy", "namespace", "refused"}, "not all kinds of lines were seen", kinds)
    spoilt = {"version": 2, "file": "a", "findings": [], "edits": []}
    expect(not own.is_valid(spoilt), "our schema takes anything")

    sarif = jsonschema.validators.validator_for(schema := json.loads((tools / "sarif-2.1.0.json").read_text()))(schema)
    for where, options in ((tree / "plain", OPTIONS["default"]), (tree / "plain", OPTIONS["all"]), (hostile, [])):
        data = run(oakum, "check", "--no-config", "--format", "sarif", *options, ".", cwd=where)
        for error in sarif.iter_errors(json.loads(data)):
            expect(False, "the schema of SARIF", error.message, error.json_path)
        check_multitool(tools, data)
    print(f"schemas: {count} lines of JSON")


def check_multitool(tools, data):
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch, "out.sarif")
        path.write_bytes(data)
        done = subprocess.run([tools / "multitool", "validate", path, "--level", "Error;Warning"], capture_output=True, text=True,
                              env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}, cwd=scratch)
        # SARIF2005 asks for a home page of the tool.
        bad = [line for line in done.stdout.splitlines() if re.search(r": (error|warning) (?!SARIF2005)", line)]
        expect("Analysis completed successfully" in done.stdout and not bad, "multitool", bad[:5] or done.stdout + done.stderr)


def check_junitparser(data):
    import junitparser

    suites = junitparser.JUnitXml.fromstring(data)
    kinds = collections.Counter(type(result).__name__ for suite in suites for case in suite for result in case.result)
    expect(kinds["Failure"] == suites.failures and kinds["Error"] == suites.errors and kinds["Skipped"] == suites.skipped,
           "junitparser counts otherwise", kinds)
    expect(suites.failures > 10 and suites.errors > 0 and suites.skipped > 0, "the hostile tree is not hostile", kinds)


def check_markdown(oakum, hostile):
    import markdown_it

    text = run(oakum, "check", "--no-config", "--format", "markdown", ".", cwd=hostile).decode()
    parser = markdown_it.MarkdownIt("gfm-like", {"linkify": False, "html": True})
    allowed = re.compile(r"</?(details( open)?|summary)>[a-z]*:? ?\d*")
    for token in parser.parse(text):
        for inner in [token, *(token.children or ())]:
            expect(inner.type not in ("link_open", "image"), "Markdown: a manifest made a link", inner)
            if inner.type in ("html_inline", "html_block"):
                expect(not allowed.sub("", inner.content).strip(), "Markdown: a manifest made HTML", inner.content)
            if inner.type == "text":
                expect("@everyone" not in inner.content, "Markdown: somebody is mentioned", inner.content)


# ---- all ----


def look(oakum, tree):
    for name, options in OPTIONS.items():
        findings, fixes = check_fixes(oakum, tree, options)
        expect(findings > 100 and (fixes > 100 or tree.name == "hostile"), "hardly anything was found", findings, fixes)
        print(f"{tree.name}, {name}: {findings} findings, {fixes} fixes alone")
    lines = check_json(oakum, tree)
    print(f"{tree.name}: {check_github(oakum, tree, lines)} annotations")
    return check_junit(oakum, tree, lines)


def sample(tree, count):
    corpus = pathlib.Path(os.environ.get("OAK_SHARED") or ROOT.parent / "shared") / "corpus"
    files = sorted(path for path in corpus.rglob("*.y*ml") if path.is_file() and path.stat().st_size < 200_000)
    if not files:
        skip(f"no corpus in {corpus}")
    for number, path in enumerate(files[:: max(1, len(files) // count)]):
        data = path.read_bytes()
        if re.search(rb"^\s*(-\s+)?kind:", data, re.M):
            write(tree / f"{number}.yaml", data)


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(1 if failures or os.environ.get("OAK_CI") else 77)


def find_tools():
    done = subprocess.run(["sh", HERE / "tools.sh", sys.executable], stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        skip("schemas, Microsoft's validator, junitparser and Markdown")
    done.check_returncode()
    tools = pathlib.Path(done.stdout.strip())
    (site,) = tools.glob("lib/python*/site-packages")
    sys.path.insert(0, str(site))
    return tools


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("oakum")
    parser.add_argument("--corpus", type=int)
    given = parser.parse_args()
    oakum = os.path.abspath(given.oakum)
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    with tempfile.TemporaryDirectory() as scratch:
        tree, hostile = pathlib.Path(scratch, "tree"), pathlib.Path(scratch, "hostile")
        if given.corpus:
            sample(tree, given.corpus)
            look(oakum, tree)
        else:
            expect(add_manifests(tree) > 200, "hardly any case was found")
            add_hostile(hostile)
            look(oakum, tree)
            junit = look(oakum, hostile)
            check_fingerprints(oakum, tree)
            tools = find_tools()
            check_schemas(oakum, tools, tree, hostile)
            check_junitparser(junit)
            check_markdown(oakum, hostile)
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
