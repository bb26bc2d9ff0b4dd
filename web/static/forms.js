// A second click on a slow network must not post twice.
const PATIENCE = 10_000;

export function guardForms(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    // When the answer is a file the page stays: its forms must work again.
    setTimeout(release, PATIENCE, form);
  });
  // The browser may bring a page back as it was left: its forms work again.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) release(form);
  });
}

export function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}
