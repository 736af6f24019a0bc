"""The hooks of pre-commit: built from source, and from the wheel, without a compiler, as examples/ci has them."""
import json
import os
import shutil

import yaml

import place
from place import CI, ROOT


class Hooks(place.Place):
    def setUp(self):
        super().setUp()
        self.pre_commit = self.need_tools("pre-commit")

    def run_hook(self, status, *words, **env):
        return self.run_it(self.pre_commit, *words, status=status, PRE_COMMIT_HOME=self.scratch / "pre-commit", **env).stdout

    def life(self, check, fix, **env):
        """check tells, and changes nothing; fix rewrites and fails, once; then both pass."""
        others = {name: self.read(name) for name in place.OTHERS}
        said = self.run_hook(1, *check, "--all-files", **env)
        self.assertIn("deploy/web.yaml:9:23: open: container 'web' has all the rights of its host [privileged]", said)
        self.assertEqual(self.changed(), [])
        for name in others:
            self.assertNotIn(name, said)
        said = self.run_hook(1, *fix, "--all-files", **env)
        self.assertIn("files were modified by this hook", said)
        self.assertEqual(self.changed(), ["deploy/web.yaml"])
        self.assertEqual(self.read(), self.fixed())
        self.assertIn("# for one strace", self.read())
        self.assertEqual({name: self.read(name) for name in place.OTHERS}, others)
        self.git("add", "-A")
        for hook in (fix, check):
            said = self.run_hook(0, *hook, "--all-files", **env)
            self.assertIn("Passed", said)
        self.assertEqual(self.changed(), [])

    def test_from_the_wheel(self):
        shutil.copy(CI / "pre-commit-config.yaml", self.work / ".pre-commit-config.yaml")
        self.save()
        self.life(["run", "oakum-check", "--hook-stage", "manual"], ["run", "oakum-fix"])
        # As people meet it: a commit is refused, what was fixed is added, the commit is made.
        self.run_hook(0, "install")
        self.git("commit", "-q", "-m", "fixed")
        self.write({"deploy/new.yaml": place.BAD})
        self.git("add", "-A")
        refused = self.run_it("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "new", status=1,
                              PRE_COMMIT_HOME=self.scratch / "pre-commit")
        self.assertIn("files were modified by this hook", refused.stdout + refused.stderr)
        self.assertEqual(self.read("deploy/new.yaml"), self.read())
        self.git("add", "-A")
        self.run_it("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "new",
                    PRE_COMMIT_HOME=self.scratch / "pre-commit")

    def test_from_source(self):
        for program in ("cmake", "pkg-config", "cc"):
            if shutil.which(program) is None:
                self.skipTest(f"no {program} to build with")
        rev = self.copy_source(self.scratch / "source")
        hooks = [{"id": "oakum-check"}, {"id": "oakum-fix"}]
        config = {"repos": [{"repo": str(self.scratch / "source"), "rev": rev, "hooks": hooks}]}
        self.write({".pre-commit-config.yaml": json.dumps(config)})
        self.save()
        # The optimised program is tests/packages/wheel.sh's; pip may ask the index for what our folder has not.
        self.life(["run", "oakum-check"], ["run", "oakum-fix"], PIP_NO_INDEX="0",
                  CMAKE_ARGS="-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF -DCMAKE_C_FLAGS_RELEASE=-O0")

    def copy_source(self, target):
        """A repository of this tree as it is, committed or not."""
        names = self.run_it("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT, status=None).stdout.split("\0")
        if names == [""]:
            shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns("build*", ".git"))
        for name in filter(None, names):
            if os.path.isfile(ROOT / name):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)
        self.git("init", "-q", cwd=target)
        self.save(target)
        return self.git("rev-parse", "HEAD", cwd=target)

    def test_files_are_well_formed(self):
        self.run_hook(0, "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
        self.run_hook(0, "validate-config", CI / "pre-commit-config.yaml")
        hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        self.assertEqual(set(hooks), {"oakum-check", "oakum-fix"})
        local, = yaml.safe_load((CI / "pre-commit-config.yaml").read_text())["repos"]
        for hook in local["hooks"]:
            same = {key: hook[key] for key in ("name", "entry", "language", "types_or", "require_serial")}
            self.assertEqual(same, {key: hooks[hook["id"]][key] for key in same})
            self.assertEqual(hook["additional_dependencies"], [f"oakum=={place.version()}"])
