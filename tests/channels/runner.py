"""A stand-in for GitHub's runner: the files, variables and expressions that our action and workflow use, and no more.

What it does not know is an error, so that neither can come to rely on something that was never tried."""
import pathlib
import re
import subprocess
import tempfile

import yaml


class Unknown(Exception):
    pass


def look_up(context, path):
    """What is not there is empty, as on GitHub; but for the first name, which is ours to know."""
    first, *names = path.split(".")
    if first not in context:
        raise Unknown(path)
    value = context[first]
    for name in names:
        value = value.get(name, "") if isinstance(value, dict) else ""
    return value


def evaluate(expression, context):
    """Paths, strings, ==, !=, && and ||."""
    words = re.findall(r"'[^']*'|[A-Za-z_][\w.-]*|==|!=|&&|\|\||[()]", expression)
    if "".join(words) != re.sub(r"\s+", "", re.sub(r"'[^']*'", lambda m: m[0].replace(" ", "\0"), expression)).replace("\0", " "):
        raise Unknown(expression)
    python = {"&&": "and", "||": "or"}
    code = [python.get(w, repr(look_up(context, w)) if re.match(r"[A-Za-z_]", w) else w) for w in words]
    return eval(" ".join(code))


def expand(text, context):
    """A boolean is a word there."""
    def one(match):
        value = evaluate(match[1], context)
        return str(value).lower() if isinstance(value, bool) else str(value)
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", one, str(text).lower() if isinstance(text, bool) else str(text))


def read_pairs(path):
    """NAME=VALUE, or NAME<<WORD, lines, WORD."""
    pairs, lines = {}, iter(path.read_text().splitlines())
    for line in lines:
        name, mark, end = re.fullmatch(r"([\w-]+)(=|<<)(.*)", line).groups()
        if mark == "<<":
            pairs[name] = "\n".join(iter(lambda: next(lines), end))
        else:
            pairs[name] = end
    return pairs


class Runner:
    """One job. `environment(**more)` gives the environment; `uses` are functions of (inputs) → outputs in place of other actions."""

    def __init__(self, workspace, environment, context=None, uses=None, actions=None):
        self.workspace, self.environment = pathlib.Path(workspace), environment
        self.context, self.uses, self.actions = context or {}, uses or {}, actions or {}
        self.temp = pathlib.Path(tempfile.mkdtemp(prefix="runner-", dir=self.workspace.parent))
        self.path, self.log, self.summary = [], "", ""

    def run_step(self, step, context, env, shell):
        """Returns (status, outputs)."""
        files = {name: pathlib.Path(tempfile.mkdtemp(dir=self.temp)) / name for name in ("output", "path", "summary", "env")}
        for path in files.values():
            path.touch()
        variables = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": self.workspace, "RUNNER_TEMP": self.temp, "RUNNER_OS": "Linux",
                     "GITHUB_OUTPUT": files["output"], "GITHUB_PATH": files["path"], "GITHUB_STEP_SUMMARY": files["summary"],
                     "GITHUB_ENV": files["env"], **env, **{k: expand(v, context) for k, v in step.get("env", {}).items()}}
        environment = self.environment(**variables)
        environment["PATH"] = ":".join(self.path + [environment["PATH"]])
        script = self.temp / "script.sh"
        script.write_text(expand(step["run"], context))
        done = subprocess.run([*shell, str(script)], cwd=self.workspace, env=environment, text=True, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.log += done.stdout
        self.summary += files["summary"].read_text()
        self.path = files["path"].read_text().splitlines()[::-1] + self.path
        return done.returncode, read_pairs(files["output"])

    def run_action(self, folder, given):
        """A composite action, with inputs. Returns (status, outputs)."""
        action = yaml.safe_load((pathlib.Path(folder) / "action.yml").read_text())
        if set(given) - set(action["inputs"]) or action["runs"]["using"] != "composite":
            raise Unknown(str(given))
        inputs = {name: expand(given.get(name, what.get("default", "")), {}) for name, what in action["inputs"].items()}
        context, status = {"inputs": inputs, "steps": {}}, 0
        for step in action["runs"]["steps"]:
            if set(step) - {"name", "id", "shell", "env", "run"} or step["shell"] != "bash":
                raise Unknown(str(step))
            status, outputs = self.run_step(step, context, {"GITHUB_ACTION_PATH": folder},
                                            ["bash", "--noprofile", "--norc", "-eo", "pipefail"])
            context["steps"][step.get("id", "")] = {"outputs": outputs}
            if status != 0:
                break
        return status, {name: expand(what["value"], context) for name, what in action["outputs"].items()}

    def run_job(self, job):
        """A job of a workflow. Returns its status; None: its condition says no."""
        context = {**self.context, "steps": {}}
        if not evaluate(str(job.get("if", "'yes'")), context):
            return None
        for step in job["steps"]:
            if set(step) - {"name", "id", "if", "env", "run", "uses", "with"}:
                raise Unknown(str(step))
            if not evaluate(step.get("if", "'yes'"), context):
                continue
            inputs = {name: expand(value, context) for name, value in step.get("with", {}).items()}
            if "run" in step:
                status, outputs = self.run_step(step, context, {}, ["bash", "-e"])
            elif step["uses"] in self.actions:
                status, outputs = self.run_action(self.actions[step["uses"]], inputs)
            else:
                status, outputs = 0, self.uses[step["uses"]](inputs) or {}
            if "id" in step:
                context["steps"][step["id"]] = {"outputs": outputs}
            if status != 0:
                return status
        return 0
