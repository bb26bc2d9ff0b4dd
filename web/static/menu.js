// Long menus scroll sideways: bring the open page's entry into sight, without moving the page.
export function showCurrentEntry(root) {
  const entry = root.querySelector(".t-nav [aria-current]");
  const list = entry?.closest("ul");
  if (!list || list.scrollWidth <= list.clientWidth) return;
  const gap = entry.getBoundingClientRect().left - list.getBoundingClientRect().left;
  list.scrollLeft += gap - (list.clientWidth - entry.offsetWidth) / 2;
}
