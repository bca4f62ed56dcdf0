"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { answers, questions } = data;
  const at = (id) => document.getElementById(id);
  const number = (value) => String(Math.round(value * 100) / 100);
  const memory = { read: () => ({}), write: () => {}, works: false };
  try {
    localStorage.setItem(`${data.key} `, "");
    localStorage.removeItem(`${data.key} `);
    memory.read = () => JSON.parse(localStorage.getItem(data.key) || "{}");
    memory.write = (state) => localStorage.setItem(data.key, JSON.stringify(state));
    memory.works = true;
  } catch { /* private windows, full disks: the page says so */ }

  let state;
  try { state = memory.read(); } catch { state = {}; }
  const marks = state.marks || {};
  let place = { question: 0, index: 0, ...state.place };
  if (!questions[place.question] || questions[place.question].order[place.index] === undefined) place = { question: 0, index: 0 };
  const returned = state.place !== undefined;
  let shownAt = Date.now();

  const question = () => questions[place.question];
  const current = () => question().order[place.index];
  const id = (index) => `${answers[index].student}\n${answers[index].cell}\n${answers[index].words_digest}`;
  // What this marker said; or else what the gradebook had when the page was made.
  const markOf = (index) => marks[id(index)] || { score: answers[index].score, comment: answers[index].comment, items: {}, untouched: true };
  const isMarked = (index) => markOf(index).score !== "";
  const points = (text) => (/^\d*[.,]?\d*$/.test(text) && /\d/.test(text) ? Number(text.replace(",", ".")) : NaN);
  const isWrong = (text, most) => text !== "" && !(points(text) >= 0 && points(text) <= most);

  const say = (words) => { at("said").textContent = words; };

  const save = () => {
    try { memory.write({ marks, place }); at("saved").textContent = memory.works ? "Kept in this browser." : at("saved").textContent; }
    catch { at("saved").textContent = "This browser's storage is full: write marking.csv now, and then."; }
  };

  const change = (index, values) => {
    const before = markOf(index);
    const now = new Date();
    const spent = (before.seconds || 0) + Math.min(600, (now - shownAt) / 1000);
    shownAt = Date.now();
    marks[id(index)] = {
      score: before.score, comment: before.comment, items: before.items, ...values,
      seconds: index === current() ? Math.round(spent) : before.seconds || 0, time: now.toISOString().slice(0, 19) + "Z",
      place: before.place || 1 + Math.max(0, ...Object.values(marks).map((mark) => mark.place || 0)),
    };
    save();
  };

  const element = (tag, values = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...children);
    return made;
  };

  const showItems = () => {
    const mark = markOf(current());
    at("items").replaceChildren(...question().items.map((item, index) => {
      const given = mark.items[index + 1] || 0;
      const box = element("input", { type: "checkbox", checked: given > 0, indeterminate: given > 0 && given < item.points });
      box.addEventListener("change", () => tick(index, box.checked ? item.points : 0));
      const half = element("button", { type: "button", textContent: "½" });
      half.setAttribute("aria-label", `Half of item ${index + 1}`);
      half.setAttribute("aria-pressed", String(given > 0 && given < item.points));
      half.addEventListener("click", () => tick(index, item.points / 2));
      const words = element("span");
      words.append(at(`item-${place.question}-${index}`).content.cloneNode(true));
      return element("li", {}, element("label", {}, box, element("kbd", { textContent: index + 1 }), ` ${number(item.points)} `, words), half);
    }));
  };

  const tick = (index, value) => {
    const item = question().items[index];
    if (!item) return;
    const items = { ...markOf(current()).items };
    if (items[index + 1] === value || !value) delete items[index + 1];
    else items[index + 1] = value;
    const sum = Object.values(items).reduce((total, one) => total + one, 0);
    const none = Object.keys(items).length === 0;
    change(current(), { items, score: none ? "" : number(Math.min(sum, question().max)) });
    showMark();
    say(none ? "No item is ticked, no points are given." : `Item ${index + 1}: ${number(items[index + 1] || 0)}. ${number(Math.min(sum, question().max))} points.`);
  };

  const give = (text) => { change(current(), { score: text }); showMark(); };

  const step = (by) => {
    const now = points(markOf(current()).score) || 0;
    give(number(Math.min(question().max, Math.max(0, now + by))));
    say(`${markOf(current()).score} points.`);
  };

  const used = () => {
    const counts = new Map();
    for (const index of question().order) {
      const comment = markOf(index).comment.trim();
      if (comment) counts.set(comment, (counts.get(comment) || 0) + 1);
    }
    return [...counts].sort((one, other) => other[1] - one[1]).slice(0, 12).map(([comment]) => comment);
  };

  const showComments = () => {
    at("used").replaceChildren(...used().map((comment) => {
      const button = element("button", { type: "button", textContent: comment });
      button.addEventListener("click", () => {
        const before = markOf(current()).comment.trim();
        change(current(), { comment: before && before !== comment ? `${before} ${comment}` : comment });
        showMark();
        at("comment").focus();
      });
      return element("li", {}, button);
    }));
    at("reuse").hidden = at("used").childElementCount === 0;
  };

  const showMark = () => {
    const mark = markOf(current());
    if (at("score") !== document.activeElement || at("score").value === "") at("score").value = mark.score;
    if (at("comment") !== document.activeElement) at("comment").value = mark.comment;
    const wrong = isWrong(mark.score, question().max);
    at("score").setAttribute("aria-invalid", String(wrong));
    at("wrong").textContent = wrong ? `Points lie between 0 and ${number(question().max)}.` : "";
    showItems();
    showComments();
    showProgress();
  };

  const showProgress = () => {
    const count = (one) => one.order.filter(isMarked).length;
    at("progress").textContent = `${count(question())} of ${question().order.length} are marked here, ${questions.reduce((sum, one) => sum + count(one), 0)} of ${questions.reduce((sum, one) => sum + one.order.length, 0)} in all.`;
    [...at("questions").children].forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === place.question));
      button.querySelector("span").textContent = `${count(questions[index])}/${questions[index].order.length}`;
    });
  };

  const showName = () => {
    const answer = answers[current()];
    const link = answer.page ? element("a", { href: answer.page, textContent: answer.name }) : answer.name;
    at("name").replaceChildren(...(at("names").checked ? [link] : []));
  };

  const showAnswer = () => {
    const index = current(), answer = answers[index];
    shownAt = Date.now();
    at("number").textContent = `Answer ${answer.number}`;
    at("state").textContent = answer.state === "blank" ? "left blank" : "";
    showName();
    at("words").replaceChildren(at(`answer-${index}`).content.cloneNode(true));
    at("maps").replaceChildren(...answer.tiles.map((tile) => at(`tile-${tile}`).content.cloneNode(true)));
    at("task").textContent = question().title;
    at("most").textContent = `/ ${number(question().max)}${question().bonus ? " of bonus" : ""}`;
    at("score").value = ""; at("comment").value = "";
    document.querySelectorAll("[data-scheme]").forEach((scheme) => { scheme.hidden = Number(scheme.dataset.scheme) !== place.question; });
    const alike = answer.alike.filter((one) => one !== index);
    at("alike").hidden = alike.length === 0;
    at("alike-text").textContent = `${answer.equal ? "Equal to" : "Nearly equal to"} answer ${alike.map((one) => answers[one].number).join(", ")}.`;
    showMark();
    save();
  };

  const go = (index) => {
    if (index < 0 || index >= question().order.length) return say(index < 0 ? "This is the first answer." : "This is the last answer of this question.");
    document.activeElement.blur();
    place = { ...place, index };
    showAnswer();
    return say(`Answer ${answers[current()].number}, ${index + 1} of ${question().order.length}.`);
  };

  const ask = (index) => {
    if (!questions[index]) return;
    document.activeElement.blur();
    place = { question: index, index: Math.max(0, questions[index].order.findIndex((one) => !isMarked(one))) };
    showAnswer();
    say(`${question().title}.`);
  };

  const next = () => {
    const order = question().order;
    const after = [...order.keys()].map((step) => (place.index + 1 + step) % order.length);
    const found = after.find((index) => !isMarked(order[index]));
    if (found === undefined) say("Every answer to this question is marked.");
    else go(found);
  };

  const same = () => {
    const mine = markOf(current());
    if (mine.score === "") return say("Mark this one first.");
    const alike = answers[current()].alike.filter((one) => one !== current());
    const open = alike.filter((one) => !isMarked(one));
    open.forEach((one) => change(one, { score: mine.score, comment: mine.comment, items: { ...mine.items } }));
    showMark();
    return say(`${open.length} more got these points and this comment; ${alike.length - open.length} were marked before, and stay.`);
  };

  const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20']/;
  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const guarded = (text) => (formula.test(text) ? `'${text}` : text);

  const table = () => {
    const rows = [["student", "cell", "max", "state", "score", "comment", "was", "marker", "items", "place", "seconds", "time"]];
    for (const one of questions) for (const index of [...one.order].sort((a, b) => a - b)) {
      const answer = answers[index], mark = markOf(index);
      const items = Object.entries(mark.items).map(([item, value]) => `${item}=${number(value)}`).join(";");
      const state = answer.state.startsWith("to mark") && isMarked(index) ? "marked" : answer.state;
      const about = mark.untouched ? ["", "", "", ""] : [items, mark.place || "", mark.seconds || "", mark.time || ""];
      rows.push([answer.student, answer.cell, number(one.max), state, mark.score.replace(",", "."), guarded(mark.comment), answer.was, guarded(data.marker), ...about]);
    }
    return `\ufeff${rows.map((row) => row.map((value) => cell(String(value))).join(",")).join("\r\n")}\r\n`;
  };

  const write = () => {
    const wrong = questions.flatMap((one) => one.order.filter((index) => isWrong(markOf(index).score, one.max)).map((index) => `${one.title}, answer ${answers[index].number}`));
    if (wrong.length) return say(`These points can't be taken: ${wrong.slice(0, 5).join("; ")}.`);
    const address = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    const link = element("a", { href: address, download: data.sheet });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    return say(`${data.sheet} was written.`);
  };

  const keys = {
    ArrowRight: () => go(place.index + 1), j: () => go(place.index + 1),
    ArrowLeft: () => go(place.index - 1), k: () => go(place.index - 1),
    n: next, "]": () => ask(place.question + 1), "[": () => ask(place.question - 1),
    "+": () => step(0.5), "-": () => step(-0.5), 0: () => { give("0"); say("0 points."); },
    p: () => at("score").focus(), c: () => at("comment").focus(), r: () => at("used").querySelector("button")?.focus(),
    e: same, w: write, h: () => { at("keys").open = !at("keys").open; },
  };
  document.addEventListener("keydown", (event) => {
    const inField = event.target.matches("textarea, input:not([type=checkbox])");
    if (event.key === "Escape" || (event.key === "Enter" && event.target.id === "score")) return event.target.blur();
    if (inField || event.ctrlKey || event.metaKey || event.altKey || !at("use-keys").checked) return undefined;
    const digit = /^Digit([1-9])$/.exec(event.code);
    if (digit) {
      const item = question().items[digit[1] - 1];
      if (item) tick(digit[1] - 1, event.shiftKey ? item.points / 2 : item.points);
    } else if (keys[event.key]) keys[event.key]();
    else return undefined;
    event.preventDefault();
    return undefined;
  });

  at("score").addEventListener("input", () => { change(current(), { score: at("score").value.trim() }); showMark(); });
  at("comment").addEventListener("input", () => { change(current(), { comment: at("comment").value }); showProgress(); });
  at("comment").addEventListener("blur", showComments);
  at("names").addEventListener("change", showName);
  at("next").addEventListener("click", () => go(place.index + 1));
  at("previous").addEventListener("click", () => go(place.index - 1));
  at("open").addEventListener("click", next);
  at("same").addEventListener("click", same);
  at("write").addEventListener("click", write);
  at("questions").append(...questions.map((one, index) => {
    const button = element("button", { type: "button" }, `${one.title} `, element("span"));
    button.addEventListener("click", () => ask(index));
    return button;
  }));
  at("saved").textContent = memory.works ? "" : "This browser keeps nothing for this page: write marking.csv before you close it.";
  at("application").hidden = false;
  if (returned) showAnswer();
  else ask(0);
})();
