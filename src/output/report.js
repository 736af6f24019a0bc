"use strict";
(() => {
const get = id => document.getElementById(id);
const form = get("filters"), list = get("list"), fields = {};
for (const id of ["q", "n", "p", "o", "t", "f"]) fields[id] = get(id);
const workloads = [...list.querySelectorAll(".w")].map(box => ({ box, namespace: "=" + box.dataset.n }));
if (workloads.length === 0) return;
form.hidden = false;

/* What is searched is read once, when it is first asked for; an item matches with the head of its workload. */
const read = w => {
  if (w.items) return w;
  const head = w.box.firstElementChild;
  w.path = head.querySelector("code").textContent.toLowerCase();
  w.text = head.textContent.toLowerCase();
  const items = head.nextElementSibling;
  w.items = (items.localName === "ul" ? [...items.children] : []).map(box => {
    const words = [];
    for (let part = box.firstElementChild; part; part = part.nextElementSibling)
      if (part.localName === "p") words.push(part.textContent);
    return { box, text: words.join(" ").toLowerCase() };
  });
  return w;
};
const count = (number, what) => number.toLocaleString("en") + " " + what + (number === 1 ? "" : "s");
const holds = (words, head, text) => words.every(word => head.includes(word) || text.includes(word));

const apply = () => {
  const words = fields.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const file = fields.f.value.toLowerCase();
  const { n, p, o, t } = Object.fromEntries(["n", "p", "o", "t"].map(id => [id, fields[id].value]));
  const ofItems = p || o || t;
  let boxes = 0, items = 0;
  for (const w of workloads) {
    read(w);
    let shown = 0;
    const isOpen = (!n || w.namespace === n) && (!file || w.path.includes(file));
    for (const item of w.items) {
      const is = item.box.dataset;
      const fits = isOpen && (!p || is.p === p) && (!o || is.o === o) && (!t || is.t === t) && holds(words, w.text, item.text);
      if (item.box.hidden === fits) item.box.hidden = !fits;
      shown += fits;
    }
    const fits = shown > 0 || (isOpen && !ofItems && w.items.length === 0 && holds(words, w.text, ""));
    if (w.box.hidden === fits) w.box.hidden = !fits;
    boxes += fits;
    items += shown;
  }
  get("shown").value = count(boxes, "workload") + ", " + count(items, "finding");
  get("nothing").hidden = boxes > 0;
  get("unfold").disabled = boxes === 0;
};

let wait = 0;
const soon = () => { clearTimeout(wait); wait = setTimeout(apply, 120); };
form.addEventListener("input", soon);
form.addEventListener("submit", event => { event.preventDefault(); apply(); });
form.addEventListener("reset", () => setTimeout(() => { apply(); get("unfold").textContent = "Unfold"; }));
get("unfold").addEventListener("click", event => {
  const unfolds = event.target.textContent === "Unfold";
  for (const w of workloads) if (!w.box.hidden) w.box.open = unfolds;
  event.target.textContent = unfolds ? "Fold" : "Unfold";
});

/* Links of the tables choose what they count. */
document.addEventListener("click", event => {
  const link = event.target.closest("a[data-go]");
  if (!link) return;
  form.reset();
  for (const id of ["n", "p", "o", "t"]) if (id in link.dataset) fields[id].value = link.dataset[id];
  apply();
});

/* What a patch says stands once in the page: it is copied to a finding when that is unfolded. */
list.addEventListener("toggle", event => {
  const more = event.target;
  if (!more.open || !more.classList.contains("more") || more.dataset.filled) return;
  const patch = get("p-" + more.parentElement.dataset.p);
  if (patch) more.firstElementChild.after(...patch.querySelector(".words").cloneNode(true).children);
  more.dataset.filled = "yes";
}, true);

document.addEventListener("keydown", event => {
  const isTyping = /^(input|select|textarea)$/.test(document.activeElement.localName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    fields.q.focus();
    fields.q.select();
  } else if (event.key === "Escape" && document.activeElement === fields.q) {
    fields.q.value = "";
    apply();
  }
});

get("shown").value = count(workloads.length, "workload");
/* A browser may remember what was chosen. */
if (Object.values(fields).some(field => field.value)) soon();
})();
