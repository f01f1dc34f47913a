// Chooses light or dark before the first paint: the reader's choice, else the system's.
const KEY = "testops-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const chosen = localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");
  document.documentElement.setAttribute("data-bs-theme", chosen);
}

function toggle() {
  const now = document.documentElement.getAttribute("data-bs-theme");
  localStorage.setItem(KEY, now === "dark" ? "light" : "dark");
  apply();
}

apply();
system.addEventListener("change", apply);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) toggle();
});
