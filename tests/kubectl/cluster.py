"""A stand-in for an API server on loopback: discovery, lists and single objects over plain http, read-only, as real kubectl asks
for them. It answers with what its folder of objects says, and with what a real server adds. No watch, no write, no table."""
import http.server
import json
import threading
import urllib.parse

RESOURCES = {  # group version -> name, kind, is it namespaced, short names
    "v1": [("pods", "Pod", True, ["po"]), ("namespaces", "Namespace", False, ["ns"])],
    "apps/v1": [("deployments", "Deployment", True, ["deploy"]), ("replicasets", "ReplicaSet", True, ["rs"])],
    "argoproj.io/v1alpha1": [("rollouts", "Rollout", True, ["ro"])],
}


def served(item):
    """The object as a server has it."""
    meta = item["metadata"]
    meta.update(uid="0d7b4b6e-5f0e-4f37-8d0c-0a1b2c3d4e5f", resourceVersion="4711", creationTimestamp="2026-01-02T03:04:05Z", generation=3,
                managedFields=[{"manager": "kubectl", "operation": "Apply", "apiVersion": item["apiVersion"], "time": "2026-01-02T03:04:05Z",
                                "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}])
    meta.setdefault("annotations", {})["kubectl.kubernetes.io/last-applied-configuration"] = json.dumps({"kind": item["kind"]}) + "\n"
    item["status"] = {"observedGeneration": 3, "conditions": [{"type": "Available", "status": "True"}]}
    return item


class Cluster:
    def __init__(self, objects):
        self.objects = [served(item) for item in objects]
        self.asked = []
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                cluster.asked.append((self.command, self.path.split("?")[0], self.headers.get("Impersonate-User")))
                status, body = cluster.answer(self.path)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        if parts == ["api"]:
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if parts == ["apis"]:
            return 200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": name.split("/")[0], "versions": [{"groupVersion": name, "version": name.split("/")[1]}],
                 "preferredVersion": {"groupVersion": name, "version": name.split("/")[1]}} for name in RESOURCES if "/" in name]}
        version, rest = ("v1", parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
        if version not in RESOURCES:
            return self.missing(version)
        if not rest:
            return 200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [
                {"name": name, "singularName": kind.lower(), "kind": kind, "namespaced": namespaced, "shortNames": short,
                 "verbs": ["get", "list"]} for name, kind, namespaced, short in RESOURCES[version]]}
        namespace = None
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        return self.objects_of(version, namespace, rest, query.get("labelSelector"))

    def objects_of(self, version, namespace, rest, selector):
        kinds = {name: kind for name, kind, _, _ in RESOURCES[version]}
        found = [item for item in self.objects if item["apiVersion"] == version and item["kind"] == kinds.get(rest[0]) and
                 namespace in (None, item["metadata"].get("namespace"))]
        if len(rest) > 1:
            found = [item for item in found if item["metadata"]["name"] == rest[1]]
            return (200, found[0]) if found else self.missing('%s "%s"' % (rest[0], rest[1]))
        if selector:
            key, value = selector.split("=", 1)
            found = [item for item in found if item["metadata"].get("labels", {}).get(key) == value]
        return 200, {"kind": kinds.get(rest[0], "") + "List", "apiVersion": version, "metadata": {"resourceVersion": "4711"}, "items": found}

    @staticmethod
    def missing(what):
        return 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
                     "message": what + " not found"}
