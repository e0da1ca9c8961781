// Keeps the shell of the page on the device, and nothing else: no answer of the API, and no address, for an
// address may carry an invitation.

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/companion/static/shell.html"), {
  allowlist: [/^\/$/, /^\/check-in$/, /^\/[A-Za-z0-9_-]{22}$/],
}));
