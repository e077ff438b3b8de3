// Runs before the first paint (a plain blocking script): marks that scripts run, and on pages that are cached for
// everybody takes the theme and the density from this browser's cookies, as the server does for signed-in people.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([a-z]+)`)?.[1];
  const theme = cookie("ecrm-theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  if (cookie("ecrm-density") === "compact") root.dataset.density = "compact";
})();
