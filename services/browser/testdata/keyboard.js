// Watches what the Tab key does on a page; keyboard_test.go presses it.
globalThis.keyboard = (() => {
  const usable = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [contenteditable], [onclick], [tabindex]';
  const name = (e) => `<${e.localName}${e.id ? "#" + e.id : ""}${e.name ? " name=" + e.name : ""}> ${(e.innerText ?? "").trim().slice(0, 40)}`;
  const look = (e) => {
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow].join();
  };
  let all, before, order, findings;
  const say = (text) => findings.includes(text) || findings.push(text);

  // Only one of a group of radio buttons is a stop: the chosen one, else the first.
  const stop = (e) => {
    if (e.type !== "radio") return true;
    const group = all.filter((o) => o.type === "radio" && o.name === e.name && o.form === e.form);
    return e === (group.find((o) => o.checked) ?? group[0]);
  };

  const check = (e, last) => {
    const now = getComputedStyle(e);
    const outlined = now.outlineStyle !== "none" && parseFloat(now.outlineWidth) >= 2;
    const shadowed = now.boxShadow !== "none";
    if ((!outlined && !shadowed) || look(e) === before.get(e)) say(`the focus cannot be seen on ${name(e)}`);
    const r = e.getClientRects()[0];
    if (!r || r.width < 1 || r.height < 1) return say(`${name(e)} has the focus and no size`);
    const x = Math.min(Math.max(r.left + r.width / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max(r.top + r.height / 2, 0), innerHeight - 1);
    if (r.bottom < 1 || r.right < 1 || r.top > innerHeight - 1 || r.left > innerWidth - 1) say(`${name(e)} has the focus outside the screen`);
    const top = document.elementFromPoint(x, y);
    if (top && top !== e && !e.contains(top) && !top.contains(e) && ![...(e.labels ?? [])].some((l) => l.contains(top))) say(`${name(e)} has the focus and is hidden by ${name(top)}`);
    if (top && top.contains(e) && top !== e && getComputedStyle(top, "::after").position === "fixed") say(`${name(e)} has the focus and is hidden by what is laid over the page`);
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (!["hidden", "clip"].includes(getComputedStyle(p).overflowX)) continue;
      const c = p.getBoundingClientRect();
      if (r.left - 2 < c.left || r.top - 2 < c.top || r.right + 2 > c.right || r.bottom + 2 > c.bottom) say(`${name(p)} cuts off the focus of ${name(e)}`);
    }
    if (last && last !== e) {
      const l = last.getClientRects()[0];
      if (l && r.bottom + scrollY <= last.top0 && r.right <= l.left) say(`the order jumps back from ${name(last)} to ${name(e)}`);
    }
    e.top0 = r.top + scrollY;
  };

  addEventListener("keyup", (event) => {
    const e = document.activeElement;
    if (event.key !== "Tab" || !order) return;
    if (!e || e === document.body) order.push(null);
    else if (order.at(-1) !== e) {
      if (!order.includes(null) && !order.includes(e)) check(e, order.findLast((o) => o));
      order.push(e);
    }
  }, true);

  return {
    start() {
      const top = document.documentElement;
      top.tabIndex = -1;
      top.focus();
      top.blur();
      top.removeAttribute("tabindex");
      getSelection().removeAllRanges();
      scrollTo(0, 0);
      [order, findings] = [[], []];
      all = [...document.querySelectorAll(usable)].filter((e) => !e.disabled && e.id !== "main" && e.checkVisibility({ visibilityProperty: true }));
      before = new Map(all.map((e) => [e, look(e)]));
      return all.length;
    },
    walk() {
      const first = order.find((e) => e);
      const end = order.findIndex((e, i) => i > 0 && (e === null || e === first));
      if (end < 0) return { Ended: false, Findings: findings };
      const walked = order.slice(0, end);
      const wanted = all.filter((e) => stop(e) && (e.tabIndex >= 0 || e.matches("a[href], button, input, select, textarea, summary, [onclick]")));
      for (const e of wanted) if (!walked.includes(e)) say(`Tab never reaches ${name(e)}`);
      for (const e of all) if (e.tabIndex > 0) say(`${name(e)} has an order of its own`);
      const reached = walked.filter((e) => wanted.includes(e));
      const inOrder = wanted.filter((e) => reached.includes(e));
      const wrong = reached.findIndex((e, i) => e !== inOrder[i]);
      if (wrong >= 0) say(`the order is not that of the page at ${name(reached[wrong])}`);
      if (first && !first.matches(".skip")) say(`the first stop is ${name(first)}, not the skip link`);
      return { Ended: true, Findings: findings };
    },
  };
})();
