#!/usr/bin/python3
"""`oakum fn` under a real kustomize.    usage: kustomize.py OAKUM [Class.test…]

kustomize is built from its Go module on first use. Skipped, visibly, where there is no Go; OAK_CI makes that a failure."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "examples", "krm")
OAKUM = KUSTOMIZE = None


def run(*command, cwd):
    """With `oakum` on PATH, as the example wants it."""
    bin_folder = os.path.join(os.path.dirname(cwd), "bin")
    if not os.path.isdir(bin_folder):
        os.mkdir(bin_folder)
        os.symlink(OAKUM, os.path.join(bin_folder, "oakum"))
    environment = {**os.environ, "PATH": bin_folder + os.pathsep + os.environ["PATH"]}
    ran = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def documents(text):
    return {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(text) if d}


class Kustomize(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="oakum-krm.")
        self.addCleanup(shutil.rmtree, self.scratch)
        self.folder = os.path.join(self.scratch, "krm")
        shutil.copytree(EXAMPLE, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def edit(self, name, old, new):
        text = self.read(name)
        self.assertIn(old, text)
        with open(self.path(name), "w") as file:
            file.write(text.replace(old, new))

    def build(self, *flags):
        return run(KUSTOMIZE, "build", *(flags or ("--enable-alpha-plugins", "--enable-exec")), ".", cwd=self.folder)

    def fixed(self):
        """The example's manifests, as the native command fixes them."""
        copy = os.path.join(self.scratch, "native.yaml")
        shutil.copy(self.path("deploy.yaml"), copy)
        ran = subprocess.run([OAKUM, "fix", "--no-config", "--enforce=auto", copy], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        with open(copy) as file:
            return documents(file.read())

    def test_build(self):
        """The example: fixed as by `oakum fix`, nothing lost, and the check behind it has nothing to say."""
        code, out, err = self.build()
        self.assertEqual(code, 0, err)
        self.assertEqual(documents(out), self.fixed())
        self.assertEqual(len(documents(out)), 3)
        self.assertIn("enforce restricted", err)

    def test_build_fails_on_findings(self):
        self.edit("kustomization.yaml", "- harden.yaml\n", "")
        code, out, err = self.build()
        self.assertEqual((code, out), (1, ""))
        self.assertIn("error: Deployment 'shop/web': container 'web' has all the rights of its host [privileged]: open", err)

    def test_build_fails_on_a_typo(self):
        self.edit("harden.yaml", "profile:", "profle:")
        code, out, err = self.build()
        self.assertEqual((code, out), (1, ""))
        self.assertIn("did you mean 'profile'", err)

    def test_without_exec_it_does_not_run(self):
        """kustomize itself decides; what README warns of."""
        code, out, err = self.build("--enable-alpha-plugins")
        self.assertEqual(code, 0, err)
        self.assertTrue(documents(out)[("Deployment", "web")]["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"])
        self.assertNotEqual(self.build("--enable-exec")[0], 0)

    def test_many_resources(self):
        pod = "apiVersion: v1\nkind: Pod\nmetadata: {{name: pod-{0}, namespace: shop}}\nspec:\n  containers:\n  - {{name: a, image: b}}\n"
        with open(self.path("pods.yaml"), "w") as file:
            file.write("---\n".join(pod.format(i) for i in range(300)))
        self.edit("kustomization.yaml", "- deploy.yaml\n", "- deploy.yaml\n- pods.yaml\n")
        code, out, err = self.build()
        self.assertEqual(code, 0, err)
        found = documents(out)
        self.assertEqual(len(found), 303)
        self.assertTrue(all(d["spec"]["securityContext"]["runAsNonRoot"] for (kind, _), d in found.items() if kind == "Pod"))

    # ---- kustomize fn run: rewrites the folder ----

    def fn_run(self):
        os.remove(self.path("kustomization.yaml"))
        os.remove(self.path("check.yaml"))
        results = os.path.join(self.scratch, "results")
        os.mkdir(results)
        ran = run(KUSTOMIZE, "fn", "run", "--enable-exec", "--results-dir", results, ".", cwd=self.folder)
        path = os.path.join(results, "results-0.yaml")
        if not os.path.exists(path):
            return ran, []
        with open(path) as file:
            return ran, yaml.safe_load(file)

    def test_fn_run(self):
        want = self.fixed()
        config = self.read("harden.yaml")
        (code, _, err), results = self.fn_run()
        self.assertEqual(code, 0, err)
        self.assertEqual(documents(self.read("deploy.yaml")), want)
        self.assertIn("# for one strace, last year", self.read("deploy.yaml"))
        self.assertEqual(self.read("harden.yaml"), config)
        privileged = [r for r in results if r["tags"]["patch"] == "privileged"]
        self.assertEqual([(r["file"], r["field"], r["severity"]) for r in privileged],
                         [({"path": "deploy.yaml", "index": 1},
                           {"path": "spec.template.spec.containers[0].securityContext.privileged", "currentValue": True, "proposedValue": False},
                           "info")])

    def test_fn_run_failure_leaves_the_files(self):
        self.edit("harden.yaml", "profile: restricted", "profile: restrictd")
        before = self.read("deploy.yaml")
        (code, _, err), results = self.fn_run()
        self.assertNotEqual(code, 0)
        self.assertEqual(self.read("deploy.yaml"), before)
        self.assertEqual([r["severity"] for r in results], ["error"])


def main():
    global OAKUM, KUSTOMIZE
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    OAKUM = os.path.abspath(sys.argv.pop(1))
    built = subprocess.run(["sh", os.path.join(HERE, "kustomize.sh")], stdout=subprocess.PIPE, text=True)
    if built.returncode == 77:
        print("skipped: no Go to build kustomize with", file=sys.stderr)
        sys.exit(1 if os.environ.get("OAK_CI") else 77)
    if built.returncode != 0:
        sys.exit(1)
    KUSTOMIZE = built.stdout.strip()
    unittest.main()


if __name__ == "__main__":
    main()
