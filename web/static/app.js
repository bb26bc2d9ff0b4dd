// Comfort on every page; everything works without it.
import { guardForms } from "./forms.js";
import { showMistakes } from "./mistakes.js";
import { showCurrentEntry } from "./menu.js";

document.documentElement.classList.add("js");
guardForms(document);
showMistakes(document);
showCurrentEntry(document);
