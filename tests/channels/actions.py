"""action.yml, and the workflow of examples/ci that uses it, run by a stand-in for GitHub's runner (runner.py)."""
import json
import re
import shutil

import fake
import yaml

import place
from place import CI, ROOT
from runner import Runner, Unknown, evaluate, expand

HOSTILE = "$(touch pwned)`touch pwned`;touch pwned\n'\";touch pwned #\n--fix=all\n-q"


class Action(place.Place):
    def act(self, status=0, **inputs):
        """Inputs have _ for -. Returns the outputs; self.runner has what was said."""
        self.runner = Runner(self.work, self.environment)
        got, outputs = self.runner.run_action(ROOT, {name.replace("_", "-"): value for name, value in inputs.items()})
        self.assertEqual(got, status, self.runner.log)
        return outputs

    def count(self, *words):
        lines = self.oakum("check", "--format=json", "--exit-zero", ".", *words, status=None).stdout.splitlines()
        return sum(f["outcome"] not in ("ignored", "fixed") for line in lines for f in json.loads(line)["findings"])


class Run(Action):
    def setUp(self):
        super().setUp()
        self.put_oakum_on_path()

    def test_check(self):
        for name in ("broken.yaml", "chart.yaml"):
            (self.work / name).unlink()
        self.save()
        outputs = self.act(1, sarif_file="out/oakum.sarif")
        self.assertEqual([outputs[name] for name in ("changed", "fixed", "remaining", "sarif")],
                         ["false", "0", str(self.count()), "out/oakum.sarif"])
        self.assertGreater(self.count(), 3)
        self.assertEqual(self.changed(), [])
        summary = self.scratch / "summary"
        said = self.oakum("check", "--format=github", ".", status=1, GITHUB_STEP_SUMMARY=summary).stdout
        self.assertIn("::error file=deploy/web.yaml,line=9,", said)
        self.assertIn(said, self.runner.log)
        self.assertEqual(self.runner.summary, summary.read_text())
        sarif = json.loads((self.work / "out/oakum.sarif").read_text())
        self.assertEqual(sarif["version"], "2.1.0")
        self.assertEqual(len(sarif["runs"][0]["results"]), self.count())
        # The patch makes what fix makes.
        self.git("apply", outputs["patch"])
        self.assertEqual(self.read(), self.fixed())

    def test_check_that_fails_nobody(self):
        self.assertNotEqual(self.act(0, fail_on_findings="false")["remaining"], "0")

    def test_fix(self):
        before = self.count()
        outputs = self.act(0, command="fix")
        self.assertEqual([outputs[name] for name in ("changed", "fixed", "remaining", "sarif")], ["true", str(before), "0", ""])
        self.assertEqual(self.changed(), ["deploy/web.yaml"])
        self.assertEqual(self.read(), self.fixed())
        self.git("apply", "--reverse", "--check", outputs["patch"])
        outputs = self.act(0, command="fix")
        self.assertEqual([outputs[name] for name in ("changed", "fixed", "remaining", "patch")], ["false", "0", "0", ""])

    def test_fix_that_leaves_something(self):
        self.write({"held.yaml": place.BAD.replace("{privileged", "{runAsUser: 0, privileged")})
        self.save()
        before = self.count()
        outputs = self.act(1, command="fix")
        left = self.count()
        self.assertGreater(left, 0)
        self.assertEqual([outputs[name] for name in ("changed", "fixed", "remaining")], ["true", str(before - left), str(left)])
        self.act(0, command="fix", fail_on_findings="false")

    def test_paths_profile_and_options(self):
        self.write({"a b.yaml": place.BAD, "-x.yaml": place.BAD})
        baseline = self.act(1, paths="a b.yaml\n\n-x.yaml\n", profile="baseline")
        self.assertEqual(baseline["remaining"], "2")
        self.assertIn("file=a b.yaml,", self.runner.log)
        self.assertIn("file=-x.yaml,", self.runner.log)
        chosen = self.act(1, paths="a b.yaml", args="--select=privileged\n--kube-version=1.30\n")
        self.assertEqual(chosen["remaining"], "1")

    def test_what_cannot_be_done_fails(self):
        for inputs, words in (({"command": "fixx"}, "command must be"), ({"fail_on_findings": "no"}, "fail-on-findings must be"),
                              ({"paths": "\n"}, "paths names nothing"), ({"sarif_file": "a\nchanged=true"}, "sarif-file must be"),
                              ({"args": "--no-such", "fail_on_findings": "false"}, "--no-such"),
                              ({"paths": "gone", "fail_on_findings": "false"}, "gone")):
            self.act(2, **inputs)
            self.assertIn(words, self.runner.log)
        # A file that is no YAML, but says that it is a manifest.
        self.write({"odd.yaml": "apiVersion: v1\nkind: Pod\nspec: {a: [\n"})
        self.assertEqual(self.act(2, command="fix", fail_on_findings="false")["changed"], "true")

    def test_inputs_are_no_commands(self):
        for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]:
            self.assertNotIn("${{", step["run"])
        for name in ("paths", "args", "profile", "command", "sarif_file", "fail_on_findings", "version", "package"):
            runner = Runner(self.work, self.environment)
            status, _ = runner.run_action(ROOT, {name.replace("_", "-"): HOSTILE})
            self.assertNotEqual(status, 0, name)
            self.assertEqual(self.changed(), [])
            self.assertFalse((self.work / "pwned").exists(), name)
            # What a runner would obey stands at the start of a line.
            for line in runner.log.splitlines():
                self.assertTrue(not line.startswith("::") or re.match(r"::(error|warning|notice) (file|title)=", line), line)


class Install(Action):
    """Nothing is on PATH."""

    def test_its_own_release(self):
        self.act(1)
        self.assertIn(f"oakum {place.version()}\n", self.runner.log)
        self.assertIn(str(self.runner.temp / "oakum/bin"), self.runner.path)

    def test_a_release(self):
        self.put_oakum_on_path()
        self.act(1, version=place.version())
        self.assertIn(str(self.runner.temp / "oakum/bin"), self.runner.path)
        self.act(2, version="99.9")
        self.assertIn("::error title=oakum::pip cannot install oakum", self.runner.log)

    def test_what_is_there(self):
        self.put_oakum_on_path()
        self.act(1)
        self.assertEqual(self.runner.path, [])

    def test_a_wheel(self):
        wheel, = place.wheels().glob("*.whl")
        self.act(1, package=str(wheel))

    def test_a_debian_package(self):
        log = self.scratch / "log"
        self.program("sudo", 'exec "$@"')
        self.program("apt-get", f'''echo "$*" >>"{log}"
            case $* in *install*) ln -s "{place.OAKUM}" "{self.bin}/oakum" ;; esac''')
        self.write({"oakum 1.deb": ""})
        self.act(1, package="oakum 1.deb")
        self.assertEqual(log.read_text(), f"-q update\n-q install -y --no-install-recommends {self.work}/oakum 1.deb\n")

    def test_anything_else_is_refused(self):
        self.act(2, package="oakum.zip")
        self.assertIn("package must be", self.runner.log)
        self.program("uname", "echo Darwin")
        self.act(2)
        self.assertIn("Linux", self.runner.log)



class Workflow(place.Place):
    def setUp(self):
        super().setUp()
        self.flow = yaml.safe_load((CI / "github-workflow.yml").read_text())
        self.uploads = []

    def upload(self, inputs):
        self.uploads.append(json.loads((self.work / inputs["sarif_file"]).read_text()))

    def run_job(self, name, **github):
        context = {"github": {"event_name": "push", "repository": "shop/deploy", "token": fake.TOKEN, **github}}
        runner = Runner(self.work, self.environment, context,
                        {"actions/checkout@v4": lambda inputs: None, "github/codeql-action/upload-sarif@v3": self.upload},
                        {f"OWNER/oakum@v{place.version()}": ROOT})
        status = runner.run_job(self.flow["jobs"][name])
        self.said = runner.log
        return status

    def test_check(self):
        for name in ("broken.yaml", "chart.yaml"):
            (self.work / name).unlink()
        self.assertEqual(self.run_job("check"), 0, "")
        own = {"pull_request": {"head": {"repo": {"full_name": "shop/deploy"}}}}
        self.assertEqual(self.run_job("check", event_name="pull_request", event=own), 0)
        self.assertEqual(len(self.uploads), 2)
        self.assertGreater(len(self.uploads[0]["runs"][0]["results"]), 3)
        fork = {"pull_request": {"head": {"repo": {"full_name": "mallory/deploy"}}}}
        self.assertEqual(self.run_job("check", event_name="pull_request", event=fork), 0)
        self.assertEqual(len(self.uploads), 2)
        self.assertIsNone(self.run_job("check", event_name="schedule"))

    def test_harden(self):
        self.assertIsNone(self.run_job("harden"))
        forge = fake.GitHub()
        self.addCleanup(forge.close)
        remote = self.scratch / "remote.git"
        self.git("clone", "-q", "--bare", str(self.work), str(remote))
        self.git("remote", "add", "origin", str(remote))
        # Where the runner has pipx; ours tells oakum that the forge is on loopback.
        self.program("pipx", f'''[ "$1" = install ] && python3 -m venv "{self.scratch}/pipx" &&
            "{self.scratch}/pipx/bin/python" -m pip -q install "$2"''')
        self.program("oakum", f'''command=$1
            shift
            exec "{self.scratch}/pipx/bin/oakum" "$command" --forge github --forge-url {forge.url} --loopback-http "$@"''')
        for _ in range(2):
            self.assertEqual(self.run_job("harden", event_name="schedule"), 0, self.said)
            pull, = forge.pulls
            self.assertEqual((pull["head"], pull["base"]), ("oakum/harden", "main"))
            self.assertEqual(len(forge.labels), 1)
        self.assertEqual(self.git("show", "oakum/harden:deploy/web.yaml", cwd=remote) + "\n", self.fixed())
        self.assertEqual(self.git("log", "-1", "--format=%an %cn", "oakum/harden", cwd=remote), "oakum oakum")
        self.assertEqual(forge.shown, [])
        self.assertNotIn(fake.TOKEN, self.said)

    def test_rights_are_the_least(self):
        self.assertEqual(self.flow["permissions"], {})
        self.assertEqual(self.flow["jobs"]["check"]["permissions"], {"contents": "read", "security-events": "write"})
        self.assertEqual(self.flow["jobs"]["harden"]["permissions"], {"contents": "write", "pull-requests": "write"})
        for job in self.flow["jobs"].values():
            self.assertFalse(any("${{" in step.get("run", "") for step in job["steps"]))


class Readme(place.Place):
    """What the README shows is run, too."""

    def blocks(self, kind="yaml"):
        section = (ROOT / "README.md").read_text().partition("\n## In CI\n")[2].partition("\n## ")[0]
        found = re.findall(rf"```{kind}\n(.*?)```", section, re.S)
        return [yaml.safe_load(block) for block in found] if kind == "yaml" else found

    def test_lines(self):
        self.put_oakum_on_path()
        for line, status in zip(self.blocks("sh"), (1, 0), strict=True):
            identity = {f"GIT_{who}_{what}": "ann@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
            self.run_it("sh", "-c", line, status=status, **identity)
        self.assertEqual(self.git("log", "--format=%s", "-1"), "deploy: harden the manifests")
        self.assertEqual(self.git("show", "--format=", "--name-only"), "deploy/web.yaml")

    def test_action(self):
        self.put_oakum_on_path()
        self.write({"clusters/production/web.yaml": place.BAD})
        steps = self.blocks()[1]
        runner = Runner(self.work, self.environment, {}, {}, {f"OWNER/oakum@v{place.version()}": ROOT})
        self.assertEqual(runner.run_job({"steps": steps}), 0, runner.log)
        for name in ("clusters/production", "deploy"):
            self.assertIn(f"::error file={name}/web.yaml,", runner.log)
        self.assertEqual(len(json.loads((self.work / "oakum.sarif").read_text())["runs"][0]["results"]), 2)

    def test_hooks(self):
        pre_commit = self.need_tools("pre-commit")
        config = self.blocks()[0]
        self.write({"config.yaml": json.dumps(config)})
        self.run_it(pre_commit, "validate-config", "config.yaml", PRE_COMMIT_HOME=self.scratch / "home")
        repository, = config["repos"]
        self.assertEqual(repository["rev"], f"v{place.version()}")
        known = [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]
        for hook in repository["hooks"]:
            self.assertIn(hook["id"], known)
            self.oakum("check", *hook["args"], "deploy", status=1)


class Lint(place.Place):
    def test_schemas(self):
        check = self.need_tools("check-jsonschema")
        self.run_it(check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
        self.run_it(check, "--builtin-schema", "vendor.github-workflows", CI / "github-workflow.yml")

    def test_actionlint(self):
        lint = self.need_tools("actionlint")
        self.run_it(lint, CI / "github-workflow.yml", cwd=ROOT)
        # It looks at an action that is used from the same repository: are the inputs those that there are?
        shutil.copy(ROOT / "action.yml", self.work)
        flow = (CI / "github-workflow.yml").read_text()
        here = re.sub(r"OWNER/oakum@\S+", "./", flow)
        self.assertNotEqual(here, flow)
        self.write({".github/workflows/x.yml": here})
        self.run_it(lint, ".github/workflows/x.yml")
        self.write({".github/workflows/x.yml": here.replace("sarif-file:", "sarif:")})
        self.run_it(lint, ".github/workflows/x.yml", status=1)

    def test_shellcheck(self):
        if shutil.which("shellcheck") is None:
            self.skipTest("no shellcheck")
        for number, step in enumerate(yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]):
            self.write({f"{number}.sh": step["run"]})
            self.run_it("shellcheck", "-s", "bash", f"{number}.sh")

    def test_the_stand_in_knows_what_it_evaluates(self):
        context = {"a": {"b": "x y"}, "c": ""}
        self.assertTrue(evaluate("a.b == 'x y' && c != 'z'", context))
        self.assertFalse(evaluate("a.b == 'x' || a.missing == 'y'", context))
        self.assertEqual(expand("${{ a.b }}-${{ c }}", context), "x y-")
        for odd in ("format('{0}', c)", "a.b + c", "nothing.there.at"):
            with self.assertRaises((Unknown, TypeError)):
                evaluate(odd, context)
