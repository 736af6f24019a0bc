"""What runs in a cluster, and what other engines run: the manifests are such as oakum asks for, and their commands do what they say."""
import copy
import json
import pathlib
import re
import shutil
import sys

import fake
import yaml

import place
from place import CI, HERE

# As much of Argo CD's own Deployment as the patch meets.
REPO_SERVER = yaml.safe_load("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server, namespace: argocd}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}
  template:
    metadata: {labels: {app.kubernetes.io/name: argocd-repo-server}}
    spec:
      containers: [{name: argocd-repo-server, image: quay.io/argoproj/argocd:latest}]
      volumes: [{name: var-files, emptyDir: {}}, {name: plugins, emptyDir: {}}]
""")


def documents(name):
    return [document for document in yaml.safe_load_all((CI / name).read_text()) if document]


def of_kind(name, kind):
    found, = [document for document in documents(name) if document["kind"] == kind]
    return found


def patched():
    """REPO_SERVER with the example's Deployment merged in, as a strategic merge does it."""
    result = copy.deepcopy(REPO_SERVER)
    mine, patch = (d["spec"]["template"]["spec"] for d in (result, of_kind("argocd-plugin.yaml", "Deployment")))
    for key in ("containers", "volumes"):
        names = {item["name"] for item in patch[key]}
        mine[key] = [item for item in mine[key] if item["name"] not in names] + patch[key]
    return result


class Manifests(place.Place):
    def test_they_are_restricted(self):
        files = sorted(path for path in CI.iterdir() if path.suffix in (".yaml", ".yml"))
        self.assertGreater(len(files), 5)
        said = self.oakum("check", "--profile=restricted", "--no-config", *files)
        self.assertRegex(said.stdout + said.stderr, r"[3-9] manifests in \d+ files: nothing to fix")

    def test_the_api_server_takes_them(self):
        if shutil.which("go") is None:
            self.skipTest("no Go to build the API server's validation with")
        sys.path.insert(0, str(HERE.parent / "oracle"))
        try:
            import judges
            judge = judges.build("k8s-validate")
        except SystemExit:
            self.skipTest("the API server's validation cannot be built")
        folder = self.scratch / "all"
        objects = documents("cronjob.yaml") + documents("job.yaml") + [of_kind("argocd-plugin.yaml", "ConfigMap"), patched()]
        self.write({f"{i}.json": json.dumps(o) for i, o in enumerate(objects)}, folder)
        lines = judges.lines([judge, "validate", "--level", "privileged"], folder)
        self.assertEqual(sorted({line["kind"] for line in lines if line.get("served")}), ["ConfigMap", "CronJob", "Deployment", "Job"])
        for line in lines:
            self.assertTrue(line["valid"] and not line.get("strictErrors"), line)

    def test_versions(self):
        """One release everywhere."""
        for path in sorted(CI.iterdir()):
            for found in re.findall(r"oakum(?:-kustomize)?(?:==|:|@v)([0-9.]+[0-9])", path.read_text()):
                self.assertEqual(found, place.version(), path.name)


class Campaigns(place.Place):
    """The Jobs, with what is mounted, and a forge on loopback."""

    def prepare(self, name, pod, repositories):
        """Returns the command and the environment of the pod's container, as they are outside of it."""
        self.forge = fake.GitLab()
        self.addCleanup(self.forge.close)
        container, = pod["containers"]
        files = {"repositories": {"repositories": "".join(f"file://{one}\n" for one in repositories)}, "token": {"token": fake.TOKEN},
                 "cache": {}}
        self.assertEqual(list(of_kind(name, "ConfigMap")["data"]), ["repositories"])
        self.places = {}
        for mount in container["volumeMounts"]:
            self.places[mount["mountPath"]] = folder = self.scratch / "mounts" / mount["name"]
            folder.mkdir(parents=True)
            self.write(files[mount["name"]], folder)
        self.program("oakum", f'''command=$1
            shift
            exec "{place.OAKUM}" "$command" --forge-url={self.forge.url} --loopback-http "$@"''')
        words = container.get("command", ["oakum"]) + container["args"]
        return [self.outside(word) for word in words], {one["name"]: self.outside(one["value"]) for one in container["env"]}

    def outside(self, text):
        for inside, folder in self.places.items():
            text = re.sub(re.escape(inside) + r"(?=/|$)", str(folder), text)
        return text

    def bare(self, name):
        folder = self.scratch / name
        self.git("clone", "-q", "--bare", str(self.work), str(folder))
        return folder

    def test_cronjob(self):
        remote = self.bare("remote.git")
        pod = of_kind("cronjob.yaml", "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        words, env = self.prepare("cronjob.yaml", pod, [remote])
        for result in ("made", "same"):
            line = json.loads(self.run_it(*words, **env).stdout)
            self.assertEqual(line["result"], result, line)
        self.assertEqual([pull["head"] for pull in self.forge.pulls], ["oakum/harden"])
        self.assertEqual(self.git("show", "oakum/harden:deploy/web.yaml", cwd=remote) + "\n", self.fixed())

    def test_indexed_job(self):
        remotes = [self.bare(f"remote{i}.git") for i in range(3)]
        spec = of_kind("job.yaml", "Job")["spec"]
        words, env = self.prepare("job.yaml", spec["template"]["spec"], remotes)
        done = []
        for index in range(spec["completions"]):
            lines = self.run_it(*words, **env, JOB_COMPLETION_INDEX=index).stdout.splitlines()
            done += [json.loads(line)["repository"] for line in lines]
        self.assertEqual(sorted(done), [f"file://{one}" for one in remotes])
        for remote in remotes:
            self.assertEqual(self.git("show", "oakum/harden:deploy/web.yaml", cwd=remote) + "\n", self.fixed())

    def test_xargs(self):
        remote = self.bare("remote.git")
        self.prepare("job.yaml", of_kind("job.yaml", "Job")["spec"]["template"]["spec"], [remote])
        listed = self.outside("/etc/oakum/repositories")
        identity = {f"GIT_{who}_{what}": "ann@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = self.run_it("sh", CI / "xargs.sh", "pr", listed, "--forge=gitlab", OAKUM_TOKEN=fake.TOKEN, **identity)
        self.assertEqual(json.loads(done.stdout)["result"], "made")
        self.assertEqual(len(self.forge.pulls), 1)


class ArgoCD(place.Place):
    def setUp(self):
        super().setUp()
        self.put_oakum_on_path()
        plugin = yaml.safe_load(of_kind("argocd-plugin.yaml", "ConfigMap")["data"]["plugin.yaml"])
        self.assertEqual((plugin["apiVersion"], plugin["kind"]), ("argoproj.io/v1alpha1", "ConfigManagementPlugin"))
        generate = plugin["spec"]["generate"]
        self.words = generate["command"] + generate["args"]
        # The application: what kustomize would make of it.
        self.program("kustomize", '[ "$*" = "build ." ] && cat deploy/web.yaml')

    def test_it_is_a_gate(self):
        done = self.run_it(*self.words, status=None)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("[privileged]", done.stderr)
        self.write({"deploy/web.yaml": self.fixed()})
        self.assertEqual(self.run_it(*self.words, PARAM_PROFILE="restricted").stdout, self.read())
        # hardened asks for more; a profile that there is not opens no gate; nor does a kustomize that fails.
        self.assertEqual(self.run_it(*self.words, status=1, PARAM_PROFILE="hardened").stdout, "")
        self.assertEqual(self.run_it(*self.words, status=2, PARAM_PROFILE="none; true").stdout, "")
        self.program("kustomize", "exit 7")
        self.assertEqual(self.run_it(*self.words, status=7).stdout, "")
        self.assertEqual(list(pathlib.Path(self.scratch).glob("tmp.*")), [])

    def test_the_sidecar_finds_its_files(self):
        pod = patched()["spec"]["template"]["spec"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        sidecar = pod["containers"][-1]
        mounts = {mount["mountPath"]: mount["name"] for mount in sidecar["volumeMounts"]}
        self.assertLessEqual(set(mounts.values()), volumes)
        self.assertTrue(sidecar["command"][0].startswith("/var/run/argocd/") and "/var/run/argocd" in mounts)
        self.assertIn("/home/argocd/cmp-server/config/plugin.yaml", mounts)


class Sourcegraph(place.Place):
    """Its schema is not to be had from a registry; the keys are those of the schema of src-cli 6."""
    KEYS = {
        "": {"version", "name", "description", "on", "workspaces", "steps", "transformChanges", "importChangesets", "changesetTemplate"},
        "step": {"run", "container", "image", "outputs", "env", "files", "if", "mount"},
        "changesetTemplate": {"title", "body", "branch", "fork", "commit", "published"},
        "commit": {"message", "author"},
    }

    def setUp(self):
        super().setUp()
        # YAML 1.1 takes `on` for true.
        self.spec = {"on" if key is True else key: value for key, value in yaml.safe_load((CI / "batchspec.yaml").read_text()).items()}
        self.step, = self.spec["steps"]

    def test_keys(self):
        template = self.spec["changesetTemplate"]
        for name, value in (("", self.spec), ("step", self.step), ("changesetTemplate", template), ("commit", template["commit"])):
            self.assertLessEqual(set(value), self.KEYS[name])
        self.assertRegex(self.spec["name"], r"^[\w.-]+$")
        self.assertEqual([set(one) for one in self.spec["on"]], [{"repositoriesMatchingQuery"}])
        self.assertLessEqual({"title", "branch", "commit"}, set(template))
        self.assertEqual(set(template["commit"]["author"]), {"name", "email"})
        self.assertEqual(template["published"], "draft")
        # What the body quotes is an output, and that is a step's.
        self.assertEqual(re.findall(r"outputs\.(\w+)", template["body"]), list(self.step["outputs"]))

    def test_step(self):
        self.put_oakum_on_path()
        for name in ("broken.yaml", "chart.yaml"):
            (self.work / name).unlink()
        self.save()
        report = self.run_it("sh", "-c", self.step["run"]).stdout
        self.assertEqual(self.changed(), ["deploy/web.yaml"])
        self.assertEqual(self.read(), self.fixed())
        self.assertTrue(report.startswith("## oakum: "), report)
        self.assertLess(len(report), 65536)
