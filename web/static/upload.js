// While a list is sent and read, say so: the page that comes next replaces this one.
const form = document.getElementById("envoi");
form?.addEventListener("submit", () => {
  form.querySelector("[data-reading]").hidden = false;
});
window.addEventListener("pageshow", () => {
  form?.querySelector("[data-reading]")?.setAttribute("hidden", "");
});
