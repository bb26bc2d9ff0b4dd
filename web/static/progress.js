// While a run is under way, read the page again every two seconds.
if (document.querySelector("[data-pending]")) {
  setTimeout(() => location.reload(), 2000);
}
