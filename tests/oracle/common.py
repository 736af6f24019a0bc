"""What the outer tests share: where things are, running the program, YAML as plain data.

The YAML here is read by libyaml (through PyYAML), not by the parser of the program: a second opinion. It is composed,
not constructed: constructing would fail on unhashable keys (`{{ x }}: y`), on unknown tags and on odd dates, none of
which matter for the question "is this still the same data?".
"""
import json
import os
import pathlib
import subprocess
import sys

SKIPPED = 77  # ctest: SKIP_RETURN_CODE
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("OAK_SHARED") or ROOT.parent / "shared").resolve()


def skip(reason):
    """Ends the test as skipped; where everything must run (OAK_CI), as failed."""
    print("skipped: " + reason, flush=True)
    sys.exit(1 if os.environ.get("OAK_CI") else SKIPPED)


try:
    import yaml
    from yaml.cyaml import CParser
except ImportError:
    skip("no PyYAML with libyaml (python3-yaml)")


def shared(name):
    """A folder of the shared corpus, or a skip."""
    path = SHARED / name
    if not path.is_dir():
        skip("no corpus (%s is not there; set OAK_SHARED)" % path)
    return path


MAX_TOLD = 20


def verdict(failures):
    """Tells the first failures; the exit status."""
    for reason in failures[:MAX_TOLD]:
        print("FAIL " + reason)
    if len(failures) > MAX_TOLD:
        print("FAIL and %d more" % (len(failures) - MAX_TOLD))
    return 1 if failures else 0


# ---- running ----


def environment():
    """No colour, no locale, no git configuration; a sanitizer's exit status that is none of the program's."""
    env = dict(os.environ, LC_ALL="C", NO_COLOR="1", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        env[name] = ":".join(filter(None, [env.get(name), "exitcode=99"]))
    return env


def run(command, cwd=None, stdin=b"", timeout=1800):
    return subprocess.run([str(c) for c in command], cwd=cwd, input=stdin, timeout=timeout, env=environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def death(result, allowed=(0, 1, 2)):
    """Why this run was no orderly one; None if it was."""
    err = result.stderr.decode("utf-8", "replace")
    if "Sanitizer" in err or "runtime error:" in err:
        return "sanitizer report:\n" + err[:3000]
    if result.returncode not in allowed:
        return "exit status %d:\n%s" % (result.returncode, err[-1000:])
    return None


def json_lines(out):
    return [json.loads(line) for line in out.split(b"\n") if line.strip()]


# ---- edits ----


def edits_of(entry):
    """(start, end, bytes) of one JSON object, checked: sorted and disjoint."""
    edits = [(e["start"], e["end"], e["text"].encode()) for e in entry.get("edits") or []]
    done = 0
    for start, end, _ in edits:
        if start < done or end < start:
            raise ValueError("edits are not sorted and disjoint")
        done = end
    return edits


def splice(data, edits):
    """The new bytes, and the edits that lead back."""
    out, back, done, at = [], [], 0, 0
    for start, end, text in edits:
        if end > len(data):
            raise ValueError("edit behind the end of the file")
        out += [data[done:start], text]
        at += start - done
        back.append((at, at + len(text), data[start:end]))
        at += len(text)
        done = end
    out.append(data[done:])
    return b"".join(out), back


# ---- YAML as plain data ----


class Unreadable(Exception):
    """PyYAML cannot read it."""


class _Composer(CParser, yaml.resolver.Resolver):
    def __init__(self, stream):
        CParser.__init__(self, stream)
        yaml.resolver.Resolver.__init__(self)


def compose(data):
    """The documents of a stream as nodes; an alias is the very node that it names."""
    try:
        loader = _Composer(data)
        nodes = []
        while loader.check_node():
            nodes.append(loader.get_node())
        return nodes
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        raise Unreadable(str(error).replace("\n", " ")) from error


TAG = "tag:yaml.org,2002:"
NULL = ("null", "")


def scalar(tag, text):
    """Two spellings of one value are one value; values of two types are two."""
    tag = tag[len(TAG):] if tag.startswith(TAG) else tag
    if tag == "null":
        return NULL
    if tag == "bool":
        return (tag, "true" if text.lower() in ("true", "yes", "on") else "false")
    if tag == "int":
        try:
            return (tag, str(int(text.replace("_", ""), 0)))
        except ValueError:  # 0644, 12:30: nobody rewrites those
            return (tag, text)
    return (tag, text)


def from_json(value):
    """The same form for a value of the program's JSON."""
    if isinstance(value, dict):
        return {k: from_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_json(v) for v in value]
    if value is None:
        return NULL
    if isinstance(value, bool):
        return ("bool", "true" if value else "false")
    if isinstance(value, int):
        return ("int", str(value))
    if isinstance(value, float):
        return ("float", repr(value))
    return ("str", value)


def logical(node, memo=None):
    """Mappings as dicts (a key is its text), lists, scalars as (type, text).

    Aliases are expanded and merge keys resolved, because the paths that the program reports are logical ones.
    Of equal keys the last counts, as for kubectl.
    """
    memo = {} if memo is None else memo
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.tag, node.value)
    if id(node) in memo:
        if memo[id(node)] is None:
            raise Unreadable("an anchor contains itself")
        return memo[id(node)]
    memo[id(node)] = None
    if isinstance(node, yaml.SequenceNode):
        out = [logical(item, memo) for item in node.value]
    else:
        out = {}
        merged = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag == TAG + "merge" and _is_merge(value):
                sources = [value] if isinstance(value, yaml.MappingNode) else value.value
                merged += [logical(source, memo) for source in sources]
            else:
                name = key.value if isinstance(key, yaml.ScalarNode) else repr(logical(key, memo))
                out[name] = logical(value, memo)
        for source in merged:  # the first one wins
            for name, value in source.items():
                out.setdefault(name, value)
    memo[id(node)] = out
    return out


def is_empty(node):
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index


def _is_merge(value):
    if isinstance(value, yaml.SequenceNode):
        return all(isinstance(item, yaml.MappingNode) for item in value.value)
    return isinstance(value, yaml.MappingNode)


def documents(data):
    """Every document of a stream in logical form, but for those in which nothing is written (the program does not
    count them either). JSON that libyaml refuses (tabs) is read as JSON."""
    try:
        return [logical(node) for node in compose(data) if not is_empty(node)]
    except Unreadable:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            raise
        try:
            return [from_json(json.loads(data.decode("utf-8-sig")))]
        except (ValueError, RecursionError) as error:
            raise Unreadable(str(error)) from error
