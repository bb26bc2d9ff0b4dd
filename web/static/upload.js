// While a list is sent, show how much has left; the page that comes next replaces this one.
// Without script, or if the line breaks, the browser sends the form as usual.
const form = document.getElementById("envoi");
const reading = form?.querySelector("[data-reading]");
const bar = reading?.querySelector("progress");
const words = document.getElementById("lecture");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const sending = new XMLHttpRequest();
  words.textContent = "Envoi de la liste…";
  bar.value = 0;
  reading.hidden = false;
  sending.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? (100 * loaded) / total : 0;
  });
  sending.upload.addEventListener("load", () => {
    bar.value = 100;
    words.textContent = "Liste reçue, lecture des lignes…";
  });
  sending.addEventListener("load", () => {
    const refused = sending.responseURL === new URL(form.action, location.href).href;
    if (refused) form.submit(); // the page that says why comes from the server
    else location.assign(sending.responseURL);
  });
  sending.addEventListener("error", () => form.submit());
  sending.open("POST", form.action);
  sending.send(new FormData(form));
});

window.addEventListener("pageshow", () => {
  reading?.setAttribute("hidden", "");
});
