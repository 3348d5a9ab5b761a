/** German. */

import type { HistoryEvent, Permission } from "../api.ts";
import { errors, reasons } from "./de-errors.ts";
import type { Texts } from "./en.ts";
import { formats } from "./format.ts";

const f = formats("de");

const permissions: Record<Permission, { name: string; may: string }> = {
  view: { name: "Ansehen", may: "sieht, was gesichert ist, aber nie einen Seed" },
  backup: { name: "Sichern", may: "fügt Einträge hinzu und entfernt sie, zeigt keinen Seed" },
  restore: { name: "Wiederherstellen", may: "zeigt auch Seeds" },
  manage: { name: "Verwalten", may: "zeigt Seeds und ändert Geräte, Passphrase und Konto" },
};

const tries = (n: number): string =>
  n === 0 ? "" : f.count(n, { one: " nach # Fehlversuch", other: " nach # Fehlversuchen" });
const device = (label: string | null): string => (label === null ? "ein Gerät" : `„${label}“`);
const may = (n: number): string => Object.values(permissions)[n - 1]?.name ?? "?";

function happened({ kind, subject, detail }: HistoryEvent): string {
  switch (kind) {
    case "registration": return "Konto angelegt";
    case "login": return `Angemeldet${tries(detail)}`;
    case "restore": return `Einträge wiederhergestellt${tries(detail)}`;
    case "recovery": return "Mit dem Rettungscode angemeldet";
    case "passphrase": return "Neue Passphrase";
    case "recovery-code": return "Neuer Rettungscode";
    case "rekey": return `Neue Schlüssel, Generation ${detail}`;
    case "suite": return `Auf Suite ${detail} umgestellt`;
    case "enrolment": return `${device(subject)} angemeldet (${may(detail)})`;
    case "pairing": return `${device(subject)} gekoppelt (${may(detail)})`;
    case "permission": return `${device(subject)} darf: ${may(detail)}`;
    case "revocation": return `${device(subject)} gesperrt`;
    case "save": return `Sicherung Nummer ${detail} gespeichert`;
    default: return kind;
  }
}

function by({ by: actor, device: label }: HistoryEvent): string {
  const how = actor === "passphrase" ? "mit Passphrase" : actor === "recovery-code" ? "mit Rettungscode" : "durch ein Gerät";
  return label === null ? how : `${how}, auf ${device(label)}`;
}

export const de: Texts = {
  tag: "de",
  dir: "ltr",
  name: "Deutsch",
  formats: f,
  errors,
  reasons,
  permissions,
  history: {
    title: "Verlauf",
    intro: "Was der Tresor über das Konto aufgeschrieben hat, das Neueste zuerst.",
    proven: "Belegt",
    told: "Sagt der Tresor",
    legend:
      "Belegt: Schlüssel und Geräteliste des Kontos zeigen es. Wann es war und durch wen, ist das Wort des Tresors. Er kann etwas weglassen, aber nicht zurücknehmen, was dieser Browser gesehen hat.",
    gap: "Einige Ereignisse fehlen: Dieser Browser hat sie nicht gesehen, und der Tresor gibt sie nicht mehr.",
    failed: (n) =>
      n === 0
        ? "Keine Fehlversuche seit der letzten Anmeldung."
        : f.count(n, { one: "# Fehlversuch seit der letzten Anmeldung.", other: "# Fehlversuche seit der letzten Anmeldung." }),
    happened,
    by,
  },

  app: "Rootcellar",
  skip: "Zum Inhalt",
  settings: "Einstellungen",
  back: "Zurück",
  cancel: "Abbrechen",
  again: "Noch einmal versuchen",
  show: "Zeigen",
  hide: "Verbergen",
  copy: "Kopieren",
  copied: "Kopiert. Nach einer Minute verlässt es die Zwischenablage.",
  optional: "freiwillig",
  uncertain: "Vielleicht ist es trotzdem geschehen. Ein neuer Versuch bringt es zu Ende; nichts geschieht doppelt.",
  retryIn: (seconds) => `Wieder möglich in ${f.wait(seconds)}.`,
  stretching: "Die Passphrase wird gestreckt. Das dauert einige Sekunden.",
  requesting: "Verbindung mit dem Tresor.",
  working: "Einen Moment.",
  offline: "Ohne Netz. Was zu sehen ist, bleibt; zum Speichern und Anmelden braucht es eine Verbindung.",
  updateReady: "Eine neuere Fassung dieser Seite ist da.",
  update: "Laden",
  sessionEnded: "Die Sitzung ist zu Ende. Nichts ging verloren.",
  elsewhere: {
    title: "In einem anderen Tab geöffnet",
    text: "Dein Konto wurde in einem anderen Tab weitergeführt. Dieser hier hält nichts mehr.",
    here: "Hier weitermachen",
  },

  welcome: {
    title: "Deine Seeds, bewahrt für den Tag, an dem ein Gerät verloren geht",
    known: "Willkommen zurück",
    text: "Seeds werden in diesem Browser versiegelt. Der Tresor bewahrt versiegelte Bytes und sieht nie einen Seed, einen Namen oder eine Passphrase.",
    knownText: (vault) => `Dieser Browser kennt ein Konto bei ${vault}.`,
    register: "Sichern",
    registerText: "Ein neues Konto",
    login: "Anmelden",
    loginText: "Ich habe ein Konto und seine Passphrase",
    restore: "Wiederherstellen",
    restoreText: "Meine Seeds zurückholen, mit der Passphrase",
    recover: "Retten",
    recoverText: "Mit dem Rettungscode, zwölf Wörtern auf Papier",
    pair: "Koppeln",
    pairText: "Ein anderes Gerät lässt dieses ein",
    open: "Öffnen",
    openText: (permission) => `Ohne Passphrase: ${permission}`,
    unfinished: "Hier wurde ein Speichern begonnen und nicht beendet. Das Öffnen des Kontos bringt es zu Ende.",
    install: "Diese Seite lässt sich als App einrichten: Dann öffnet sie auch ohne Netz.",
    installDo: "Einrichten",
  },

  vault: {
    label: "Adresse des Tresors",
    hint: "Wie vault.example.org; der Betreiber nennt sie dir.",
    ask: "Weiter",
    closed: "Dieser Tresor nimmt keine neuen Konten. Frag den Betreiber, oder nimm einen anderen Tresor.",
  },
  account: {
    name: "Kontoname",
    nameHint: "Irgendein Name; du brauchst ihn zum Anmelden auf einem neuen Gerät.",
    passphrase: "Passphrase",
    invite: "Einladung",
    inviteHint: "Dieser Tresor nimmt neue Konten nur mit Einladung. Der Betreiber gibt dir eine.",
    device: "Wie dieser Browser heißt",
    deviceHint: "Nur für dich zu sehen, neben jeder Sicherung.",
  },
  passphrase: {
    offered: "Diese nehmen",
    offeredText: "Sechs zufällige Wörter. Niemand errät sie.",
    own: "Selbst wählen",
    another: "Eine andere",
    kept: "Ich habe sie aufgeschrieben, oder mein Passwortmanager hat sie",
    new: "Neue Passphrase",
    repeat: "Noch einmal",
    ownHint: "Mehrere zufällige Wörter sind stark. Leerzeichen an den Enden zählen nicht.",
    strength: "Stärke",
    strong: "Stark genug.",
    weak: "Zu leicht zu erraten.",
  },
  register: {
    title: "Ein Konto anlegen",
    do: "Das Konto anlegen",
  },
  code: {
    title: "Dein Rettungscode",
    text: "Zwölf Wörter, die alles öffnen, ohne Passphrase und Namen. Sie sind nur jetzt zu sehen. Schreib sie auf Papier und bewahre es getrennt von deinen Geräten auf.",
    show: "Papier und Stift liegen bereit: Wörter zeigen",
    written: "Ich habe sie aufgeschrieben",
    confirmTitle: "Steht er auf Papier?",
    confirmText: "Tippe zwei der Wörter von deinem Papier ab.",
    word: (place) => `Wort ${place}`,
    confirm: "Bestätigen",
    showAgain: "Die Wörter noch einmal zeigen",
    leave: "Schreib zuerst den Code auf: Er ist später nicht mehr zu sehen.",
    confirmed: "Der Rettungscode steht auf Papier.",
    unsure: "Es ist nicht bekannt, ob das Konto angelegt wurde. Behalte den Code und melde dich an: Geht das nicht, lege das Konto noch einmal an.",
    old: "Der bisherige Code gilt, bis du diesen bestätigt hast.",
  },
  login: {
    title: "Anmelden",
    restoreTitle: "Auf dieses Gerät wiederherstellen",
    text: "Die Passphrase wird hier gestreckt und verlässt diesen Browser nie.",
    do: "Anmelden",
    restoreDo: "Wiederherstellen",
    older: "Eine ältere Sicherung öffnen",
    number: "Ihre Nummer",
    numberHint: "Für die neueste leer lassen.",
    recover: "Stattdessen den Rettungscode nehmen",
    accept: {
      history:
        "Der Tresor bietet etwas anderes an, als dieser Browser gesehen hat. Entweder wurde er aus einer alten Kopie wiederhergestellt, oder jemand zeigt dir einen veralteten oder falschen Stand. Frag den Betreiber auf anderem Weg, nicht über diese Seite. Machst du weiter, so fehlen vielleicht spätere Sicherungen, und dieser Browser vergisst, was er wusste.",
      serverKey:
        "Der Schlüssel des Tresors ist nicht der, den dieser Browser kennt. Entweder hat der Betreiber ihn ersetzt und das angekündigt, oder ein anderer Tresor steht an seiner Stelle und wartet auf Passphrasen. Frag den Betreiber auf anderem Weg, nicht über diese Seite.",
    },
    acceptCheck: "Ich habe gefragt und will trotzdem weitermachen",
  },
  recover: {
    title: "Mit dem Code retten",
    text: "Tippe die zwölf Wörter von deinem Papier ab.",
    do: "Retten",
    done: "Der Code gilt. Deine Einträge sind offen; setze eine neue Passphrase, damit du dich ohne den Code anmelden kannst.",
  },
  words: {
    word: (place, count) => `Wort ${place} von ${count}`,
    meant: (words) => `Meintest du ${f.list(words)}?`,
    wrongAt: (place) => `Wort ${place} steht nicht auf der Liste`,
    missing: (n) => f.count(n, { one: "# Wort fehlt noch.", other: "# Wörter fehlen noch." }),
    good: "Die Wörter passen zusammen.",
    count: (n) =>
      f.count(n, { one: "# Wort: Eine Phrase hat 12, 15, 18, 21 oder 24.", other: "# Wörter: Eine Phrase hat 12, 15, 18, 21 oder 24." }),
    paste: "Eine ganze Phrase lässt sich in jedes Feld einfügen.",
    suggestions: (n) => (n === 0 ? "Kein Wort beginnt so." : f.count(n, { one: "# Wort passt.", other: "# Wörter passen." })),
    number: "Anzahl der Wörter",
    language: "Sprache",
    detect: "Erkennen",
  },
  home: {
    title: "Deine Sicherung",
    none: "Noch ist nichts gesichert.",
    number: "Sicherung",
    numberOf: (n) => `Nummer ${n}`,
    at: "Gespeichert",
    device: "Durch",
    look: "Sieh dir Nummer, Datum und Gerät an: Ein Browser, der das Konto nie sah, kann nicht wissen, ob es eine neuere Sicherung gibt.",
    older: (n) => `Das ist eine ältere Sicherung, Nummer ${n}. Nach ihr lässt sich nichts speichern.`,
    newest: "Die neueste öffnen",
    entries: (n) => f.count(n, { one: "# Eintrag", other: "# Einträge" }),
    add: "Eintrag hinzufügen",
    openEntry: "Öffnen",
    menu: "Konto",
    lock: "Konto schließen",
    locked: "Geschlossen. In dieser Seite ist kein Schlüssel mehr.",
    refresh: "Nach Neuem sehen",
    refreshed: "Das ist die neueste Sicherung.",
    fingerprint: (hex) => `Fingerabdruck ${hex}`,
    failed: (n) =>
      f.count(n, {
        one: "Seit der letzten Anmeldung gab es # Fehlversuch mit deiner Passphrase.",
        other: "Seit der letzten Anmeldung gab es # Fehlversuche mit deiner Passphrase.",
      }),
    unnamed: "Zurzeit führt kein Kontoname hierher. Setze Passphrase und Namen, um dich ohne den Rettungscode anzumelden.",
    devicesRefused:
      "Die Geräteliste des Tresors widerspricht sich. Einträge lassen sich wiederherstellen, Geräte nicht ändern. Sag es dem Betreiber.",
    finished: {
      nothing: "",
      "already-saved": "Ein früheres Speichern hatte den Tresor erreicht: Alles ist gesichert.",
      saved: "Ein früheres Speichern wurde beendet: Alles ist gesichert.",
      merged: "Ein früheres Speichern wurde zusammen mit dem eines anderen Geräts beendet.",
      later: "Ein früheres Speichern ließ sich jetzt nicht beenden. Es ist hier bewahrt und wird wieder versucht.",
      "cannot-finish":
        "Ein früheres Speichern lässt sich hier nicht beenden: Die Schlüssel des Kontos wurden geändert, oder es ist beschädigt. Was es hinzufügte, ist neu hinzuzufügen.",
    },
    discard: "Dieses Speichern aufgeben",
    discarded: "Das unbeendete Speichern ist weg.",
    unfinished: "Ein Speichern ist noch nicht beendet.",
    finish: "Jetzt beenden",
  },
  kinds: { bip39: "Seed-Phrase", seed: "Roher Seed", text: "Text", unknown: "Von einer Art, die diese Fassung nicht kennt" },
  menu: {
    backups: "Ältere Sicherungen",
    devices: "Geräte",
    enrol: "Diesen Browser merken",
    meet: "Ein neues Gerät koppeln",
    history: "Verlauf",
    passphrase: "Passphrase ändern",
    code: "Neuer Rettungscode",
    rekey: "Neue Schlüssel",
    delete: "Konto löschen",
  },
  add: {
    title: "Eintrag hinzufügen",
    replaceTitle: (label) => `„${label}“ ersetzen`,
    kind: "Was ist es?",
    label: "Bezeichnung",
    labelHint: "Zum Wiederfinden. Auch sie wird versiegelt.",
    seed: "Seed, hexadezimal",
    seedHint: "Höchstens 64 Bytes.",
    text: "Text",
    more: "Mehr, falls deine Wallet es braucht",
    bip39Passphrase: "BIP-39-Passphrase („25. Wort“)",
    paths: "Ableitungspfade, einer je Zeile",
    network: "Netzwerk",
    birthday: "Geburtstag der Wallet",
    birthdayHint: "Ein Datum oder eine Blockhöhe.",
    do: "Speichern",
    saved: (n) => `Gespeichert: Sicherung Nummer ${n}.`,
    merged: (n) => `Zusammen mit dem gespeichert, was ein anderes Gerät gespeichert hat: Sicherung Nummer ${n}.`,
    leave: "Was du getippt hast, ist noch nicht gespeichert. Geh noch einmal zurück, um es zu verlassen.",
  },
  entry: {
    hidden: "Verborgen. Zu sehen ist es höchstens eine Minute, und nur solange diese Seite vorn ist.",
    show: "Zeigen",
    hideIn: "In einer Minute wird es wieder verborgen.",
    added: "Hinzugefügt",
    changed: "Geändert",
    language: "Sprache",
    fingerprint: "Fingerabdruck",
    bip39Passphrase: "BIP-39-Passphrase",
    paths: "Ableitungspfade",
    network: "Netzwerk",
    birthday: "Geburtstag",
    replace: "Ersetzen",
    remove: "Entfernen",
    removeAsk: (label) => `„${label}“ aus der Sicherung entfernen? Ältere Sicherungen enthalten es noch eine Weile.`,
    removed: (n) => `Entfernt: Sicherung Nummer ${n}.`,
    needs: "Dieser Browser darf keine Seeds zeigen. Öffne das Konto mit der Passphrase, um es zu sehen.",
    ask: "Den Tresor darum bitten",
    askText: "Der Tresor schreibt ein Wiederherstellen in den Verlauf des Kontos.",
  },
  reopen: {
    title: "Das Konto wieder öffnen",
    text: "Was du getippt hast, bleibt.",
    do: "Öffnen",
    byDevice: "Ohne Passphrase öffnen",
  },
  backups: {
    title: "Ältere Sicherungen",
    text: "Der Tresor bewahrt sie eine Weile. Zum Öffnen braucht es die Passphrase.",
    none: "Der Tresor bewahrt keine Sicherung.",
    open: (n) => `Nummer ${n} öffnen`,
    newest: "neueste",
  },
  devices: {
    title: "Geräte",
    text: "Sie arbeiten ohne Passphrase.",
    none: "Kein Gerät ist angemeldet.",
    this: "dieser Browser",
    enrolled: (day) => `Angemeldet am ${day}`,
    seen: (day) => `zuletzt gesehen am ${day}`,
    may: "Was es darf",
    change: "Ändern",
    permit: "Erlauben",
    revoke: "Sperren",
    revokeAsk: (label) => `„${label}“ sperren? Danach kann es nichts mehr.`,
    revoked: (label) => `„${label}“ ist gesperrt.`,
    permitted: (label) => `Geändert, was „${label}“ darf.`,
    heldKeys:
      "Es hatte die Schlüssel des Kontos und hat sie vielleicht noch. Ist es verloren oder nicht mehr deins, so ziehe neue Schlüssel und bewege, was die Seeds beherrschen, auf neue.",
    rekey: "Neue Schlüssel ziehen",
  },
  enrol: {
    title: "Diesen Browser merken",
    text: "Er arbeitet dann ohne Passphrase, soweit du es erlaubst. Seine Geheimnisse liegen unter einem Schlüssel, den keine Seite aus diesem Browser holen kann. Wer dieses Gerät entsperrt, hat sie.",
    do: "Diesen Browser merken",
    done: "Dieser Browser ist angemeldet.",
  },
  pair: {
    newTitle: "Diesen Browser koppeln",
    newText: "Ein Gerät, das dein Konto verwaltet, lässt diesen ein. Halte es bereit.",
    begin: "Den Code zeigen",
    scan: "Scanne dies auf dem anderen Gerät, oder füge dort den Text ein.",
    qr: "QR-Code des Kopplungstextes",
    text: "Kopplungstext",
    waiting: "Warten auf das andere Gerät.",
    compare: "Zeigen beide Geräte diese Ziffern?",
    compareText: "Sieh selbst hin; lass sie dir von niemandem vorlesen.",
    same: "Sie sind gleich",
    differ: "Sie sind verschieden",
    differed: "Nichts wurde gekoppelt. Vielleicht ist jemand dazwischen: Beginne auf beiden Geräten neu, in einem anderen Netz.",
    confirming: "Warten, bis du auf dem anderen Gerät bestätigst.",
    paired: (permission) => `Dieser Browser ist gekoppelt: ${permission}.`,
    meetTitle: "Ein neues Gerät koppeln",
    meetText: "Wähle auf dem neuen Gerät „Koppeln“. Scanne dann, was es zeigt.",
    camera: "Mit der Kamera scannen",
    aim: "Halte den Code in den Rahmen.",
    stop: "Kamera anhalten",
    noCamera: "Hier ist keine Kamera zu benutzen. Füge den Text ein, den das neue Gerät zeigt.",
    paste: "Oder seinen Text einfügen",
    read: "Lesen",
    calls: (label) => `Das neue Gerät nennt sich „${label}“.`,
    permission: "Was darf es?",
    letIn: "Gleiche Ziffern: einlassen",
    replaces: (label) => `Es träte an die Stelle von „${label}“. Richtig ist das nur, wenn eben dieses Gerät neu gekoppelt wird.`,
    replace: "Ja, es ist dieses Gerät",
    done: (label) => `„${label}“ ist eingelassen.`,
  },
  change: {
    title: "Passphrase ändern",
    recoverTitle: "Eine neue Passphrase setzen",
    text: "Die alte endet sofort. Das ist kein neuer Schlüssel: Wer die alte kannte und eine alte Kopie des Tresors hat, kann diese Kopie noch öffnen.",
    do: "Die Passphrase setzen",
    done: "Die neue Passphrase gilt. Melde dich mit ihr an.",
    name: "Kontoname",
    nameHint: "Nur wenn kein Name zum Konto führt.",
  },
  newCode: {
    title: "Neuer Rettungscode",
    text: "Ein neuer Code tritt an die Stelle des alten, der dann endet.",
    draw: "Einen Code ziehen",
    finish: "Bestätigt. Ein Schritt bleibt: den neuen Code gelten lassen.",
    do: "Gelten lassen",
    done: "Der neue Rettungscode gilt, der alte ist zu Ende. Melde dich wieder an.",
  },
  rekey: {
    title: "Neue Schlüssel",
    text: "Für den Fall, dass jemand die alten Schlüssel hatte. Die neueste Sicherung wird neu versiegelt, ältere fallen weg, ein neuer Rettungscode tritt an die Stelle des alten, und jedes Gerät ist neu anzumelden. Die Passphrase bleibt.",
    text2: "Wer die alten Schlüssel hatte, las vielleicht, was bis jetzt gesichert war: Bewege, was diese Seeds beherrschen, auf neue.",
    needs: "Das braucht eine Anmeldung mit der Passphrase.",
    draw: "Weiter: einen Rettungscode ziehen",
    finish: "Der Code steht auf Papier. Ein Schritt bleibt.",
    do: "Neue Schlüssel ziehen",
    done: "Das Konto hat neue Schlüssel, und der neue Rettungscode gilt. Melde dich wieder an.",
  },
  delete: {
    title: "Konto löschen",
    text: "Alles verschwindet, mit allen Sicherungen, für immer. Niemand kann es zurückholen.",
    type: (word) => `Tippe „${word}“, um weiterzumachen`,
    word: "löschen",
    do: "Alles löschen",
    done: "Das Konto ist gelöscht.",
  },
  preferences: {
    title: "Einstellungen",
    language: "Sprache",
    forget: "Diesen Browser vergessen lassen",
    about: "Über diese Seite",
    vault: "Tresor",
    none: "noch keiner",
    device: "Dieser Browser heißt",
  },
  forget: {
    title: "Diesen Browser vergessen lassen",
    text: "Entfernt alles, was dieser Browser bewahrt: welches Konto er kennt, seine Anmeldung und ein unbeendetes Speichern. Die Sicherung im Tresor bleibt.",
    unfinished: "Ein Speichern ist nicht beendet: Es geht verloren.",
    enrolled: "Der Tresor führt diesen Browser weiter auf; sperre ihn von einem anderen Gerät aus.",
    do: "Hier alles vergessen",
    done: "Dieser Browser hat das Konto vergessen.",
  },
  about: {
    title: "Über diese Seite",
    version: (version) => `Fassung ${version}`,
    text: "Alle Kryptographie läuft hier, in diesem Browser. Der Tresor bekommt versiegelte Bytes.",
    limits:
      "Eine Seite ist so vertrauenswürdig wie der, der sie ausliefert, bei jedem Laden. Wer den Server dieser Seite beherrscht, könnte sie ändern und nehmen, was du tippst. Die Zusagen gelten gegenüber dem Tresor, nicht gegenüber dem, der die Seite ausliefert. Für Seeds von großem Wert nimm eine native Wallet, oder eine Seite von einem anderen Server als dem des Tresors.",
    hashes: "Die Hashes aller Dateien sind aufgeführt; vergleiche sie mit einem eigenen Build.",
    hashesLink: "Liste der Hashes",
    securityLink: "Was zugesagt ist, und was nicht",
    memory:
      "Seeds und Schlüssel werden aus dem Speicher gelöscht, soweit eine Seite das kann. Was gezeigt oder getippt wurde, kann im Browser bleiben, bis der Tab geschlossen ist.",
  },
};
