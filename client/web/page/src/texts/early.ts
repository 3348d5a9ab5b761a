/** What the page says before the texts of a language are there, or if they cannot be loaded. */

import type { LanguageTag } from "./languages.ts";

type Early = Readonly<Record<LanguageTag, string>>;

/** Inside a frame. */
export const FRAMED: Early = {
  en: "For your security, this page does not open inside another page. Open it at its own address.",
  de: "Zu deiner Sicherheit lässt sich diese Seite nicht innerhalb einer anderen öffnen. Öffne sie unter ihrer eigenen Adresse.",
};

export const NOT_LOADED: Early = {
  en: "This page could not be loaded. Check your connection, then reload the page.",
  de: "Diese Seite konnte nicht geladen werden. Prüfe deine Verbindung und lade die Seite dann neu.",
};
