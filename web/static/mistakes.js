// The first thing to read after a refused form is what was wrong.
export function showMistakes(root) {
  root.querySelector("[data-errors]")?.focus();
}
