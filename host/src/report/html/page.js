
"use strict";
(() => {
  const FIRST = 200; // rows shown before somebody asks for all of them
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const tables = new Map();

  class View {
    constructor(table) {
      this.table = table;
      this.body = table.tBodies[0];
      const more = this.body.querySelector("template"); // what was not laid out while the page came
      this.rows = [...this.body.rows, ...(more ? more.content.querySelectorAll("tr") : [])];
      this.shown = this.rows;
      this.all = false;
      this.heads = [...table.tHead.rows[0].cells];
      this.names = this.heads.map(head => head.textContent);
      this.none = document.getElementById(table.id + "-none");
      this.heads.forEach((head, at) => this.makeButton(head, at));
      this.makeBar();
      this.draw();
    }

    makeButton(head, at) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        this.sort(at, down);
        const state = [this.table.id, this.names[at], down ? "desc" : "asc"].map(encodeURIComponent).join(":");
        history.replaceState(null, "", "#sort=" + state);
      });
    }

    makeBar() {
      const bar = document.createElement("div");
      bar.className = "bar";
      this.input = document.createElement("input");
      this.input.type = "search";
      this.input.placeholder = "Filter";
      this.input.setAttribute("aria-label", "Filter " + this.table.id);
      this.input.addEventListener("input", () => this.filter());
      this.more = document.createElement("button");
      this.more.type = "button";
      this.more.addEventListener("click", () => { this.all = true; this.draw(); });
      this.count = document.createElement("span");
      this.count.className = "count";
      const section = this.table.closest("section");
      bar.append(section.querySelector("h2"), this.count, this.more, this.input);
      section.prepend(bar);
      this.input.hidden = this.rows.length < 6;
    }

    sort(at, down) {
      const numbers = this.heads[at].classList.contains("number");
      const key = row => { const text = row.cells[at].textContent; return numbers ? Number(text) : text; };
      const order = numbers ? (a, b) => a - b : (a, b) => collator.compare(a, b);
      const keyed = this.rows.map(row => [key(row), row]);
      // What has no value comes last, whichever way.
      keyed.sort(([a], [b]) => (a === "") - (b === "") || (down ? order(b, a) : order(a, b)));
      this.rows = keyed.map(([, row]) => row);
      this.heads.forEach(head => head.removeAttribute("aria-sort"));
      this.heads[at].setAttribute("aria-sort", down ? "descending" : "ascending");
      this.filter();
    }

    filter() {
      const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = row => { const text = row.textContent.toLowerCase(); return words.every(word => text.includes(word)); };
      this.shown = words.length ? this.rows.filter(fits) : this.rows;
      this.draw();
    }

    draw() {
      const rows = this.all ? this.shown : this.shown.slice(0, FIRST);
      this.body.replaceChildren(...rows);
      const hidden = this.shown.length - rows.length;
      this.more.hidden = hidden === 0;
      this.more.textContent = "Show all " + this.shown.length;
      const total = this.rows.length;
      this.count.textContent = this.shown.length === total ? String(total) : this.shown.length + " of " + total;
      this.none.textContent = total ? "Nothing matches." : "Nothing.";
      this.none.hidden = this.shown.length > 0;
      this.table.hidden = this.shown.length === 0;
    }
  }

  function follow() {
    const found = /^#sort=([^:]+):([^:]+)(?::(asc|desc))?$/.exec(location.hash);
    if (!found) return;
    let id, name;
    try { id = decodeURIComponent(found[1]); name = decodeURIComponent(found[2]); } catch { return; }
    const view = tables.get(id);
    const at = view ? view.names.findIndex(known => known.toLowerCase() === name.toLowerCase()) : -1;
    if (at >= 0) view.sort(at, found[3] === "desc");
  }

  function theme() {
    const button = document.getElementById("theme");
    const dark = () => getComputedStyle(document.documentElement).colorScheme === "dark";
    const label = () => { button.textContent = dark() ? "Light" : "Dark"; };
    button.hidden = false;
    button.addEventListener("click", () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      label();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
    label();
  }

  for (const table of document.querySelectorAll("table")) tables.set(table.id, new View(table));
  theme();
  follow();
  addEventListener("hashchange", follow);
})();
