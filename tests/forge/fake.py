"""Forges on loopback that say what GitHub, GitLab and Gitea say, in their shapes, and an eavesdropper.

A forge keeps its requests in memory. `faults` are told to it before a test: each is taken once, by the first request that
it matches. It notes every request, and whether the token stood in the arguments of any process at that time."""
import glob
import http.server
import json
import re
import threading
import urllib.parse

TOKEN = "s3cr3t-token-of-the-test"


def processes_that_show(text):
    found = []
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(name, "rb") as file:
                if text.encode() in file.read():
                    found.append(name)
        except OSError:
            pass
    return found


class Fault:
    """status, headers and body instead of the answer; `after` the work was done or before; `drop`: no answer at all."""

    def __init__(self, method, path, status=500, body=None, headers=None, after=False, drop=False, times=1):
        self.method, self.path, self.status, self.body = method, path, status, body
        self.headers, self.after, self.drop, self.times = headers or {}, after, drop, times


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def any(self):
        forge = self.server.forge
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        with forge.lock:
            forge.seen.append((self.command, self.path, dict(self.headers), body))
            forge.shown += processes_that_show(TOKEN)
            fault = next((f for f in forge.faults if f.times and f.method == self.command and re.search(f.path, self.path)), None)
            if fault:
                fault.times -= 1
            status, answer, headers = 0, None, {}
            if not fault or fault.after:
                query = dict(urllib.parse.parse_qsl(url.query))
                status, answer, headers = forge.answer(self.command, url.path, query, json.loads(body or "null"), self.headers)
            if fault:
                status, answer, headers = fault.status, fault.body, fault.headers
        if fault and fault.drop:
            self.close_connection = True
            self.connection.close()
            return
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_PUT = any


class Forge:
    page_size = 2
    head_invalid = 0

    def __init__(self):
        self.lock = threading.Lock()
        self.pulls, self.comments, self.labels, self.reviewers = [], [], [], []
        self.faults, self.seen, self.shown = [], [], []
        self.forbid_reopen = False
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.forge = self
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/shop/deploy.git"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def calls(self, method=None):
        return [path for verb, path, _, _ in self.seen if method in (None, verb)]

    def one(self, number):
        return next(p for p in self.pulls if p["number"] == number)

    def add(self, **what):
        """A request as the forge keeps it."""
        number = len(self.pulls) + 1
        pull = {"number": number, "title": "t", "body": "", "state": "open", "merged": False, "head": "oakum/fix",
                "base": "main", "fork": False, "draft": False}
        pull.update(what)
        self.pulls.append(pull)
        return pull

    def page(self, items, query, path):
        number = int(query.get("page", 1))
        start = (number - 1) * self.page_size
        headers = {}
        if start + self.page_size < len(items):
            following = dict(query, page=number + 1)
            headers["Link"] = f'<{self.origin}{path}?{urllib.parse.urlencode(following)}>; rel="next", <{self.origin}{path}?page=9>; rel="last"'
        return 200, [self.show(p) for p in items[start:start + self.page_size]], headers

    def open_same(self, head, base):
        return any(p["state"] == "open" and p["head"] == head and p["base"] == base and not p["fork"] for p in self.pulls)

    def state_refused(self, pull, state):
        return state == "open" and pull["state"] == "closed" and self.forbid_reopen


class GitHub(Forge):
    kind, prefix = "github", "/api/v3"

    def show(self, p):
        return {"number": p["number"], "html_url": f"{self.origin}/shop/deploy/pull/{p['number']}", "title": p["title"],
                "body": p["body"], "state": p["state"], "merged_at": "2026-01-01T00:00:00Z" if p["merged"] else None,
                "draft": p["draft"], "labels": [], "node_id": "PR_x",
                "head": {"ref": p["head"], "label": "shop:" + p["head"], "repo": {"id": 99 if p["fork"] else 7}},
                "base": {"ref": p["base"], "repo": {"id": 7}}}

    def answer(self, method, path, query, body, headers):
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}, {}
        if headers.get("x-github-api-version") != "2022-11-28" or not headers.get("user-agent"):
            return 403, {"message": "Request forbidden by administrative rules."}, {}
        path = path.removeprefix(self.prefix)
        if path == "/repos/shop/deploy":
            return 200, {"id": 7, "full_name": "shop/deploy", "default_branch": "main"}, {}
        if path == "/repos/shop/deploy/pulls" and method == "GET":
            owner, head = query["head"].split(":", 1)
            assert owner == "shop" and query["state"] == "all"
            newest = [p for p in reversed(self.pulls) if p["head"] == head and p["base"] == query["base"]]
            return self.page(newest, query, self.prefix + path)
        if path == "/repos/shop/deploy/pulls" and method == "POST":
            return self.create(body)
        return self.more(method, path, body)

    def create(self, body):
        if self.head_invalid:
            self.head_invalid -= 1
            return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]}, {}
        if self.open_same(body["head"], body["base"]):
            return 422, {"message": "Validation Failed", "status": "422",
                         "errors": [{"resource": "PullRequest", "code": "custom",
                                     "message": f"A pull request already exists for shop:{body['head']}."}],
                         "documentation_url": "https://docs.github.com/rest/pulls/pulls#create-a-pull-request"}, {}
        pull = self.add(title=body["title"], body=body["body"], head=body["head"], base=body["base"], draft=body.get("draft", False))
        return 201, self.show(pull), {}

    def more(self, method, path, body):
        found = re.fullmatch(r"/repos/shop/deploy/(pulls|issues)/(\d+)(/\w+)?", path)
        if not found:
            return 404, {"message": "Not Found"}, {}
        pull, part = self.one(int(found[2])), found[3]
        if part is None and method == "PATCH":
            if self.state_refused(pull, body.get("state")):
                return 422, {"message": "Validation Failed", "errors": [{"message": "state cannot be changed. The branch was force-pushed or recreated."}]}, {}
            pull.update({k: v for k, v in body.items() if k in ("title", "body", "state")})
            return 200, self.show(pull), {}
        kept = {"/comments": self.comments, "/labels": self.labels, "/requested_reviewers": self.reviewers}
        kept[part].append((pull["number"], body))
        return 201, {}, {}


class GitLab(Forge):
    kind, prefix = "gitlab", "/api/v4"

    def show(self, p):
        state = "merged" if p["merged"] else {"open": "opened", "closed": "closed"}[p["state"]]
        return {"id": 1000 + p["number"], "iid": p["number"], "project_id": 7, "title": p["title"], "description": p["body"],
                "state": state, "source_branch": p["head"], "target_branch": p["base"],
                "source_project_id": 99 if p["fork"] else 7, "target_project_id": 7, "draft": p["title"].startswith("Draft: "),
                "web_url": f"{self.origin}/shop/deploy/-/merge_requests/{p['number']}"}

    def answer(self, method, path, query, body, headers):
        if headers.get("private-token") != TOKEN:
            return 401, {"message": "401 Unauthorized"}, {}
        path = path.removeprefix(self.prefix)
        project = "/projects/shop%2Fdeploy"
        if path == project:
            return 200, {"id": 7, "empty_repo": False, "default_branch": "main"}, {}
        if path == "/users":
            return 200, [{"id": 31, "username": "ann"}] if query["username"] == "ann" else [], {}
        if path == project + "/merge_requests" and method == "GET":
            assert query["state"] == "all"
            newest = [p for p in reversed(self.pulls) if p["head"] == query["source_branch"] and p["base"] == query["target_branch"]]
            status, items, more = self.page(newest, query, self.prefix + path)
            more["X-Next-Page"] = str(int(query.get("page", 1)) + 1) if "Link" in more else ""
            return status, items, more
        if path == project + "/merge_requests" and method == "POST":
            return self.create(body)
        found = re.fullmatch(re.escape(project) + r"/merge_requests/(\d+)(/notes)?", path)
        if not found:
            return 404, {"message": "404 Not found"}, {}
        return self.edit(method, self.one(int(found[1])), found[2], body)

    def create(self, body):
        if self.open_same(body["source_branch"], body["target_branch"]):
            return 409, {"message": ["Another open merge request already exists for this source branch: !1"]}, {}
        pull = self.add(title=body["title"], body=body["description"], head=body["source_branch"], base=body["target_branch"])
        if "labels" in body:
            self.labels.append((pull["number"], body["labels"]))
        return 201, self.show(pull), {}

    def edit(self, method, pull, part, body):
        if part:
            self.comments.append((pull["number"], body))
            return 201, {}, {}
        assert method == "PUT"
        state = {"close": "closed", "reopen": "open"}.get(body.get("state_event"))
        if self.state_refused(pull, state):
            return 422, {"message": {"state": ["is not changeable"]}}, {}
        if state:
            pull["state"] = state
        if "reviewer_ids" in body:
            self.reviewers.append((pull["number"], body))
        pull["title"] = body.get("title", pull["title"])
        pull["body"] = body.get("description", pull["body"])
        return 200, self.show(pull), {}


class Gitea(GitHub):
    """Lists all requests, whatever their head; and its check for a second request loses races."""
    kind, prefix = "gitea", "/api/v1"
    racy = False

    def show(self, p):
        shown = super().show(p)
        shown["head"] = {"ref": p["head"], "repo_id": 99 if p["fork"] else 7, "repo": {"id": 99 if p["fork"] else 7}}
        shown["base"] = {"ref": p["base"], "repo_id": 7}
        return shown

    def answer(self, method, path, query, body, headers):
        if headers.get("authorization") != f"token {TOKEN}":
            return 401, {"message": "user does not exist [uid: 0, name: ]", "url": "http://x/api/swagger"}, {}
        path = path.removeprefix(self.prefix)
        if path == "/repos/shop/deploy":
            return 200, {"id": 7, "empty": False, "default_branch": "main"}, {}
        if path == "/repos/shop/deploy/pulls" and method == "GET":
            return self.page(list(reversed(self.pulls)), query, self.prefix + path)
        if path == "/repos/shop/deploy/pulls" and method == "POST":
            if not self.racy and self.open_same(body["head"], body["base"]):
                return 409, {"message": "pull request already exists for these targets"}, {}
            return 201, self.show(self.add(**{k: body[k] for k in ("title", "body", "head", "base")})), {}
        return self.more(method, path, body)


class Eavesdropper:
    """Keeps every byte that anybody sends to it, and answers as if it were the forge."""

    def __init__(self):
        self.heard = b""
        outer = self

        class Listener(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def any(self):
                outer.heard += (self.command + self.path + str(self.headers)).encode()
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            do_GET = do_POST = do_PATCH = do_PUT = do_CONNECT = any

        self.server = Server(("127.0.0.1", 0), Listener)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
