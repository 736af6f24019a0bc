"""The template for GitLab, its lines run as the runner of GitLab runs them."""
import json
import subprocess
import xml.etree.ElementTree

import fake
import yaml

import place
from place import CI


class Template(place.Place):
    def setUp(self):
        super().setUp()
        self.template = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
        for name in ("broken.yaml", "chart.yaml"):
            (self.work / name).unlink()
        self.save()
        # A container of its own: pip installs into it.
        self.run_it("python3", "-m", "venv", self.scratch / "image")

    def run_job(self, name, **variables):
        """Exit status and what was said."""
        job = {**self.template[self.template[name]["extends"]], **self.template[name]}
        lines = job["before_script"] + job["script"]
        env = self.environment(**self.template["variables"], **job.get("variables", {}), **variables)
        env["PATH"] = f"{self.bin}:{self.scratch}/image/bin:{self.path()}"
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", "\n".join(lines)], cwd=self.work, env=env, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_check(self):
        job = self.template["oakum-check"]
        status, said = self.run_job("oakum-check")
        self.assertEqual(status, job["allow_failure"]["exit_codes"], said)
        self.assertIn("[privileged]", said)
        junit = xml.etree.ElementTree.parse(self.work / job["artifacts"]["reports"]["junit"]).getroot()
        self.assertGreater(int(junit.get("failures")), 3)
        for name in job["artifacts"]["paths"]:
            self.assertGreater((self.work / name).stat().st_size, 0, name)
        json.loads((self.work / "oakum.sarif").read_text())
        self.git("apply", "oakum.patch")
        self.assertEqual(self.read(), self.fixed())
        status, said = self.run_job("oakum-check")
        self.assertEqual(status, 0, said)
        self.write({"odd.yaml": "apiVersion: v1\nkind: Pod\nspec: {a: [\n"})
        self.assertEqual(self.run_job("oakum-check")[0], 2)

    def test_harden(self):
        forge = fake.GitLab()
        self.addCleanup(forge.close)
        remote = self.scratch / "remote.git"
        self.git("clone", "-q", "--bare", str(self.work), str(remote))
        self.program("oakum", f'''command=$1
            shift
            exec "{self.scratch}/image/bin/oakum" "$command" --forge-url {forge.url} --loopback-http "$@"''')
        for _ in range(2):
            status, said = self.run_job("oakum-harden", CI_PROJECT_URL=f"file://{self.scratch}/remote", OAKUM_TOKEN=fake.TOKEN)
            self.assertEqual(status, 0, said)
            self.assertNotIn(fake.TOKEN, said)
            pull, = forge.pulls
            self.assertEqual((pull["head"], pull["base"]), ("oakum/harden", "main"))
        self.assertEqual(self.git("show", "oakum/harden:deploy/web.yaml", cwd=remote) + "\n", self.fixed())
        self.assertEqual(self.changed(), [])
        self.assertEqual(forge.shown, [])

    def test_schema_and_version(self):
        self.assertEqual(self.template["variables"]["OAKUM_VERSION"], place.version())
        check = self.need_tools("check-jsonschema")
        self.run_it(check, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", CI / "gitlab-ci.yml")
