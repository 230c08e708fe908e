// Before anything is drawn: the chosen theme, so that no page flashes in the other.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  if (new URLSearchParams(location.search).has("wall")) document.documentElement.classList.add("wall");
})();
