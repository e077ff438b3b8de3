// Runs on every page: counts as proof that a plugin's module is loaded under the site's policy.
document.documentElement.dataset.parcels = "ready";
