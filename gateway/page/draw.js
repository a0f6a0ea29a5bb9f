// Recomputes a published lottery in the browser. It reads the lottery and nothing
// else, and trusts none of its results.
"use strict";

const utf8 = new TextEncoder();
const element = (id) => document.getElementById(id);

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

function joined(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

const sha256 = async (data) => hex(await crypto.subtle.digest("SHA-256", data));

// lines is the SHA-256 of texts sorted ascending, each followed by LF. The texts
// are ASCII, so that the order of JavaScript is that of the bytes.
const lines = (texts) => sha256(utf8.encode(texts.slice().sort().map((t) => t + "\n").join("")));

async function ordered(key, tickets) {
  const secret = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const marked = await Promise.all(tickets.map(async (t) => ({ ...t, mark: hex(await crypto.subtle.sign("HMAC", secret, utf8.encode(t.id))) })));
  return marked.sort((a, b) => a.priority - b.priority || (a.mark < b.mark ? -1 : 1));
}

// walked hands the places out along the order.
function walked(order, cap, taken) {
  const gone = new Set(taken);
  const won = new Map();
  return order.map((t) => {
    const has = won.get(t.group) || 0;
    if (has + t.slots > cap) return { ...t, computed: "LOST_CAP" };
    if (t.places.some((p) => gone.has(p))) return { ...t, computed: "LOST_TAKEN" };
    won.set(t.group, has + t.slots);
    t.places.forEach((p) => gone.add(p));
    return { ...t, computed: "WON" };
  });
}

const results = {
  WON: "当選",
  LOST_CAP: "落選（上限を超えるため）",
  LOST_TAKEN: "落選（先の順位の申込みなどで埋まったため）",
};

function add(parent, tag, text) {
  const e = document.createElement(tag);
  e.textContent = text;
  parent.append(e);
  return e;
}

function fact(name, value) {
  add(element("published"), "dt", name);
  add(element("published"), "dd", value || "（まだありません）");
}

// moment names an instant in Tokyo with its weekday.
function moment(iso) {
  const how = { timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(iso).toLocaleString("ja-JP", how) + "（日本時間）";
}

function check(name, how, published, computed) {
  const holds = published === computed;
  const item = add(element("checks"), "li", "");
  add(item, "p", `${holds ? "一致しました" : "一致しません"}：${name}`).className = holds ? "holds" : "differs";
  add(item, "p", how);
  const values = add(item, "dl", "");
  add(values, "dt", "公開された値");
  add(add(values, "dd", ""), "code", published);
  add(values, "dt", "計算した値");
  add(add(values, "dd", ""), "code", computed);
  return holds;
}

function show(l) {
  element("title").textContent = l.title;
  fact("受付の終了", moment(l.applyToTime));
  fact("シードの約束（受付開始の前に公開）", l.commitment);
  fact("申込みの番号の要約（抽選の前に公開）", l.root);
  fact("予告した公開の乱数", l.publicEntropySource || "使いません");
  fact("公開の乱数の値", l.publicEntropySource ? l.publicEntropy : "使いません");
  fact("シード（抽選と同時に公開）", l.seed);
  fact("一団体が当選できる区分の数", String(l.capSlots));
  fact("抽選の時点で空いていなかった場所", (l.takenPlaces || []).join("、") || "なし");
  element("facts").hidden = false;
}

function list(order, wasDrawn) {
  for (const [i, t] of order.entries()) {
    const row = add(element("order"), "tr", "");
    const result = wasDrawn ? results[t.computed] : "抽選の前です";
    for (const cell of [wasDrawn ? String(i + 1) : "—", t.id, t.group, String(t.priority), String(t.slots), t.places.join("、"), result]) {
      add(row, "td", cell);
    }
  }
  element("tickets").hidden = false;
}

// ballot recomputes what was fixed at the closing.
async function ballot(l, tickets) {
  const root = await lines(tickets.map((t) => t.id));
  const whole = await lines(tickets.map((t) => [t.id, t.group, t.priority, t.slots, t.places.join(",")].join(" ")));
  const holds = [
    check("申込みの番号", "すべての番号を小さい順に並べ、それぞれに改行を付けて SHA-256 を計算します。", l.root, root),
    check("申込みの内容", "番号・組・優先・区分の数・場所を1行ずつにして小さい順に並べ、SHA-256 を計算します。", l.ballotHash, whole),
  ];
  return { root, holds };
}

// drawn recomputes the draw.
async function drawn(l, tickets, root) {
  const seed = bytes(l.seed || "");
  const holds = [check("シードの約束", "公開されたシードの SHA-256 が、受付開始の前に公開された値と同じであることを確かめます。", l.commitment, await sha256(seed))];
  const key = await sha256(joined(seed, bytes(root), utf8.encode(l.publicEntropy || "")));
  holds.push(check("鍵", "シード、番号の要約、公開の乱数の値（UTF-8）をこの順につないだものの SHA-256 です。", l.key || "", key));
  const order = walked(await ordered(key, tickets), l.capSlots, l.takenPlaces || []);
  holds.push(check("順序", "優先の小さい順に、同じ優先の中では鍵と番号の HMAC-SHA256 の小さい順に並べます。", tickets.map((t) => t.id).join(" "), order.map((t) => t.id).join(" ")));
  holds.push(check("結果", "順序に従い、上限を超える申込みと、場所が埋まっている申込みを落選とし、ほかを当選とします。",
    tickets.map((t) => t.result || "").join(" "), order.map((t) => t.computed).join(" ")));
  list(order, true);
  return holds;
}

async function verify() {
  const id = location.pathname.split("/")[2];
  const address = `/v1/lotteries/${id}`;
  element("source").href = address;
  element("back").href = `/lotteries/${encodeURIComponent(id)}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "omit" });
  if (!answer.ok) throw new Error(answer.status === 404 ? "この抽選は見つかりません。番号を確認してください。" : "抽選のデータを読み込めませんでした。しばらくしてからやり直してください。");
  const l = await answer.json();
  show(l);
  const tickets = (l.order || []).map((t) => ({ ...t, places: t.places || [], slots: t.slots || 0, priority: t.priority || 0 }));
  if (!l.root) {
    element("state").textContent = "受付の終了前です。受付が終わると、申込みの番号の要約が公開され、ここで検証できます。";
    return;
  }
  element("steps").hidden = false;
  const fixed = await ballot(l, tickets);
  let holds = fixed.holds;
  if (l.seed || l.key) {
    holds = holds.concat(await drawn(l, tickets, fixed.root));
  } else {
    list(tickets, false);
  }
  const valid = holds.every(Boolean);
  element("state").textContent = valid
    ? `すべての手順が一致しました（${holds.length}項目）。` + (l.seed ? "公開された結果は、公開されたデータから計算した結果と同じです。" : "抽選はまだ行われていません。")
    : "一致しない手順があります。下の一覧を確認し、区の窓口にお知らせください。";
  element("state").className = valid ? "holds" : "differs";
}

if (window.crypto && crypto.subtle) {
  verify().catch((e) => {
    element("state").textContent = e instanceof TypeError ? "抽選のデータを読み込めませんでした。しばらくしてからやり直してください。" : e.message;
  });
} else {
  element("state").textContent = "この接続では計算の機能を使えません。https のアドレスで開いてください。";
}
