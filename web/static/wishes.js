// Comfort on a ranked list: the same forms, sent without leaving the page; rows dragged by their handle.
import { release } from "./forms.js";

const voice = document.createElement("div");
voice.className = "visually-hidden";
voice.setAttribute("role", "status");
document.body.append(voice);

const rows = () => [...document.querySelectorAll("[data-wishes] > li")];
const rowOf = (key) => rows().find((row) => row.dataset.key === key);
const rankOf = (row) => rows().indexOf(row) + 1;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("[data-wishes]") || event.defaultPrevented) return;
  event.preventDefault();
  const row = form.closest("li");
  send(form, row, new FormData(form, event.submitter), event.submitter?.value);
});

async function send(form, row, data, direction) {
  const before = rankOf(row);
  try {
    const answer = await fetch(form.action, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (new URL(answer.url).pathname.startsWith("/compte")) return location.reload();
    show(page, answer.ok);
    if (answer.ok) say(row, before, direction);
  } catch {
    release(form);
    put(row, before);
    voice.textContent = "Pas de connexion : rien n’a changé. À refaire dans un moment.";
  }
}

function show(page, kept) {
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  if (kept) return;
  const main = document.querySelector("main");
  main.focus();
  window.scrollTo(0, 0);
}

// The focus follows the row; at an end, it goes to the arrow that still works.
function say(row, before, direction) {
  const moved = rowOf(row.dataset.key);
  if (!moved) {
    voice.textContent = `Vœu ${before} retiré.`;
    const next = rows()[Math.min(before, rows().length) - 1];
    (next?.querySelector("a, button:not([disabled])") ?? document.querySelector("main")).focus();
    return;
  }
  const arrows = [...moved.querySelectorAll(".t-moves button")];
  const same = arrows.find((arrow) => arrow.value === direction && !arrow.disabled);
  (same ?? arrows.find((arrow) => !arrow.disabled))?.focus();
  voice.textContent = `Vœu ${before} devient vœu ${rankOf(moved)}.`;
}

function put(row, rank) {
  const list = row.parentElement;
  row.remove();
  list.insertBefore(row, list.children[rank - 1] ?? null);
}

// The arrow keys do what the two arrows do, from either of them.
document.addEventListener("keydown", (event) => {
  const moves = event.target.closest("[data-wishes] .t-moves");
  const direction = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!moves || !direction || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  moves.querySelector(`button[value="${direction}"]:not([disabled])`)?.click();
});

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-wishes] .t-grip");
  if (!grip || event.button) return;
  event.preventDefault();
  drag(grip, grip.closest("li"), event.pointerId);
});

function drag(grip, row, pointer) {
  const before = rankOf(row);
  grip.setPointerCapture(pointer);
  const follow = (event) => {
    const at = rows().findIndex((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    const rank = at < 0 ? rows().length : at + (at > rows().indexOf(row) ? 0 : 1);
    if (rank !== rankOf(row)) {
      put(row, rank);
      grip.setPointerCapture(pointer);
    }
  };
  const end = (event) => {
    grip.removeEventListener("pointermove", follow);
    const after = rankOf(row);
    if (event.type === "pointercancel") return put(row, before);
    if (after === before) return;
    const form = row.querySelector("form.t-moves");
    const data = new FormData(form);
    data.set("rank", after);
    put(row, before);
    send(form, row, data);
  };
  grip.addEventListener("pointermove", follow);
  grip.addEventListener("pointerup", end, { once: true });
  grip.addEventListener("pointercancel", end, { once: true });
}
