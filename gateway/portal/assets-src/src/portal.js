// What the portal's pages do where JavaScript runs. Everything works without it.
"use strict";

// A refused form is read out from its summary on.
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

// What is typed into a long form stays in this tab until it is saved, so that
// nothing is lost when the session ends. data-keep names the form and whose it is.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = "kyodo:" + form.dataset.keep;
  const fields = () => [...form.elements].filter((e) => e.name && !e.name.startsWith("_") && e.type !== "hidden" && e.type !== "submit" && e.type !== "file");
  const value = (e) => (e.type === "checkbox" || e.type === "radio" ? e.checked : e.value);
  const store = () => sessionStorage.setItem(key, JSON.stringify(fields().map((e) => [e.name, e.type === "checkbox" || e.type === "radio" ? e.value : "", value(e)])));
  const forget = () => sessionStorage.removeItem(key);
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(key));
  } catch {
    forget();
  }
  if (kept && form.dataset.saved !== undefined) {
    forget();
  } else if (kept) {
    let changed = false;
    for (const [name, choice, was] of kept) {
      const e = fields().find((f) => f.name === name && (choice === "" || f.value === choice));
      if (!e || value(e) === was) continue;
      changed = true;
      if (choice === "") e.value = was;
      else e.checked = was;
    }
    const note = form.querySelector("[data-kept]");
    if (changed && note) note.hidden = false;
    if (!changed) forget();
  }
  form.addEventListener("input", store);
  document.body.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.elt === form && e.detail.successful) forget();
  });
}

// A question before a step opens over the page: it keeps the focus, Escape closes
// it, and the focus goes back to where it was asked for.
for (const details of document.querySelectorAll("details.dialog")) {
  const [summary, dialog] = [details.querySelector("summary"), details.querySelector("dialog")];
  if (!dialog?.showModal) continue;
  summary.setAttribute("aria-haspopup", "dialog");
  summary.addEventListener("click", (e) => {
    if (details.open) return;
    e.preventDefault();
    details.open = true;
    dialog.close();
    dialog.getBoundingClientRect(); // what is laid out can take the focus
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.open) return;
    details.open = false;
    dialog.setAttribute("open", "");
    summary.focus();
  });
}
