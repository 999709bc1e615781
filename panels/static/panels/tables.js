/* Tables and lists by keyboard, columns that one reads, a column to take along. Every page works without it. */
"use strict";

const remembered = {
  read(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage may be forbidden: nothing is remembered then.
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // It holds for this page.
    }
  },
};

/* Enter in the search adds the first panel, once its answer is there. */
const firstHit = () => {
  const field = document.getElementById("q");
  const found = document.querySelector("#found [data-for]");
  return field && found && found.dataset.for === field.value.trim() ? document.querySelector("#found .hit a.button") : null;
};
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "q") return;
  if (event.key === "Enter" && firstHit()) {
    event.preventDefault();
    firstHit().click();
  }
  if (event.key === "ArrowDown" && document.querySelector("#found .hit a")) {
    event.preventDefault();
    document.querySelector("#found .hit a").focus();
  }
});

/* Up and down: from row to row, at the same place in the row. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = event.target.closest && event.target.closest("tbody tr, #found .hit");
  if (!row || event.target.matches("input, select, textarea")) return;
  const links = (one) => [...one.querySelectorAll("a, button, summary")].filter((link) => link.offsetParent);
  const place = links(row).indexOf(event.target.closest("a, button, summary"));
  let next = row;
  do next = event.key === "ArrowDown" ? next.nextElementSibling : next.previousElementSibling;
  while (next && !links(next).length);
  if (place < 0 || !next) return;
  event.preventDefault();
  links(next)[Math.min(place, links(next).length - 1)].focus();
});

/* Columns: which are shown is remembered for the table of that name; any can be copied. */
const nameOf = (region) => region.getAttribute("aria-label") || document.getElementById(region.getAttribute("aria-labelledby"))?.textContent.trim() || "";
const cellsOf = (table, column) => [...table.tBodies[0].rows].map((row) => row.cells[column]?.innerText.trim() || "");
function giveColumns(region) {
  const table = region.querySelector(":scope > table:not(.matrix)");
  const heads = table?.tHead ? [...table.tHead.rows[0].cells] : [];
  if (heads.length < 2 || region.previousElementSibling?.matches(".columns")) return;
  const key = `panelmerge-columns ${nameOf(region)}`;
  const hidden = new Set((remembered.read(key) || "").split(",").filter((one) => one && Number(one) < heads.length).map(Number));
  const tools = document.createElement("details");
  tools.className = "columns";
  const summary = document.createElement("summary");
  summary.textContent = "Columns";
  summary.setAttribute("aria-label", `Columns of ${nameOf(region)}`);
  tools.append(summary);
  const show = () => {
    for (const row of table.rows) [...row.cells].forEach((cell, column) => cell.classList.toggle("put-away", row.cells.length === heads.length && hidden.has(column)));
    remembered.write(key, [...hidden].join(","));
  };
  heads.forEach((head, column) => {
    const word = head.innerText.trim() || `Column ${column + 1}`;
    const line = document.createElement("p");
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !hidden.has(column);
    box.disabled = column === 0;
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(column);
      else hidden.add(column);
      show();
    });
    label.append(box, ` ${word}`);
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    copy.setAttribute("aria-label", `Copy ${word} of the rows shown`);
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(cellsOf(table, column).join("\n"));
        copy.textContent = `Copied ${table.tBodies[0].rows.length}`;
      } catch {
        copy.textContent = "The browser forbids it";
      }
    });
    line.append(label, " ", copy);
    tools.append(line);
  });
  region.before(tools);
  if (hidden.size) show();
}

/* Download offers the format last used first. */
const FORMAT = "panelmerge-format";
document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest("button[id^=download-]");
  if (button) remembered.write(FORMAT, button.id);
});
function offerLastFormat() {
  const last = document.getElementById(remembered.read(FORMAT) || "");
  const first = document.querySelector("button.first[id^=download-]");
  if (!last || !first || last === first || !last.matches("button")) return;
  first.classList.remove("first");
  last.classList.add("first");
  first.before(last);
}

function dress() {
  for (const region of document.querySelectorAll(".scroll[role=region]")) giveColumns(region);
  offerLastFormat();
}
dress();
document.addEventListener("htmx:afterSettle", dress);
