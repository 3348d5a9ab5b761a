/** Was geschah und was nun zu tun ist: the errors in German. */

import type { Failure } from "../api.ts";
import type { Errors, ErrorText, Reasons } from "./errors.ts";
import { formats } from "./format.ts";

const f = formats("de");

const again = "Versuche es noch einmal.";
const later = "Warte ein wenig und versuche es noch einmal.";
const operator = "Sag es dem Betreiber.";
const update = "Lade diese Seite neu, um sie zu erneuern.";
const login = "Melde dich wieder an.";
const anew = "Beginne auf beiden Geräten neu.";
const nothing = "Nichts wurde gezeigt oder geändert. Frag den Betreiber auf anderem Weg.";
const address = "Prüfe die Adresse; stimmt sie, so sag es dem Betreiber.";
const defect: ErrorText = ["Diese Seite und der Tresor verstehen einander nicht.", `${update} Bleibt es so, sag es dem Betreiber.`];

function tries({ remaining = 0, nextWait = 0, passphrasesSince }: Failure): string {
  const next =
    nextWait > 0
      ? `Der nächste Versuch ist in ${f.wait(nextWait)} möglich.`
      : remaining > 0
        ? f.count(remaining, { one: "# Versuch bleibt, bevor Wartezeiten beginnen.", other: "# Versuche bleiben, bevor Wartezeiten beginnen." })
        : again;
  const died =
    passphrasesSince === undefined
      ? ""
      : ` Der Betreiber hat das Wurzelgeheimnis des Tresors ersetzt: Passphrasen von vor dem ${f.date(passphrasesSince)} gelten nicht mehr. Nimm den Rettungscode.`;
  return `Prüfe beides. ${next}${died}`;
}

export const errors: Errors = {
  "malformed": defect,
  "unsupported": ["Der Tresor benutzt etwas, das diese Seite nicht kennt.", update],
  "too-large": ["Das ist mehr, als der Tresor nimmt.", "Lege weniger in einen Eintrag."],
  "not-found": ["Unter dieser Adresse ist kein Tresor.", "Prüfe die Adresse."],
  "method-not-allowed": defect,
  "foreign-vault": ["Das ist nicht der Tresor, den dieser Browser kennt: Die Adresse führt anderswohin.", "Prüfe die Adresse."],
  "rate-limited": ["Zu viele Anfragen.", later],
  "busy": ["Der Tresor ist ausgelastet.", later],
  "timeout": ["Der Tresor brauchte zu lange.", again],
  "read-only": ["Der Tresor zieht um und nimmt gerade keine Änderungen an.", "Warte ein wenig. Der Rettungscode gibt die Einträge auch jetzt zurück."],
  "internal": ["Der Tresor hat einen Fehler.", `${again} Bleibt es so, sag es dem Betreiber.`],
  "login-refused": ["Der Tresor hat die Anmeldung abgelehnt.", "Prüfe Namen und Passphrase."],
  "login-expired": ["Die Anmeldung dauerte zu lange.", again],
  "login-used": ["Die Anmeldung war schon beendet.", login],
  "budget-spent": ["Zu viele Versuche: Vorerst werden keine Passphrasen angenommen.", "Der Rettungscode gibt die Einträge sofort zurück. Auch eine neue Passphrase muss warten."],
  "recovery-refused": ["Der Tresor kennt kein Konto mit diesem Code.", "Prüfe die Wörter und die Adresse des Tresors. Wurde ein neuer Code gemacht, gilt nur der."],
  "clock-unsound": ["Die Uhr des Tresors geht falsch, darum nimmt er keine Passphrase an.", "Sag es dem Betreiber. Der Rettungscode geht auch jetzt."],
  "signature-invalid": ["Der Tresor hat die Unterschrift dieses Browsers nicht angenommen.", operator],
  "clock-skew": ["Die Uhren dieses Geräts und des Tresors liegen weit auseinander.", "Stelle die Uhr dieses Geräts und versuche es noch einmal."],
  "session-ended": ["Die Sitzung ist zu Ende.", "Öffne das Konto wieder. Was du getippt hast, bleibt."],
  "device-revoked": ["Der Tresor sagt, dieser Browser sei nicht mehr angemeldet.", "Melde dich mit der Passphrase an. Hast du ihn nicht gesperrt, sieh in den Verlauf."],
  "not-permitted": ["Dieser Browser darf das nicht.", "Melde dich mit der Passphrase an, oder nimm ein Gerät, das es darf."],
  "account-gone": ["Das Konto wurde gelöscht.", "Nichts bringt es zurück. Lass diesen Browser vergessen, um neu zu beginnen."],
  "devices-moved": ["Ein anderes Gerät hat inzwischen die Geräte geändert.", again],
  "pairing-unknown": ["Die Kopplung ist vorbei oder wurde nicht begonnen.", anew],
  "pairing-used": ["Diese Kopplung ist schon benutzt. Vielleicht las jemand anderes den Code.", anew],
  "registration-closed": ["Dieser Tresor nimmt keine neuen Konten.", "Frag den Betreiber, oder nimm einen anderen Tresor."],
  "invite-required": ["Dieser Tresor nimmt neue Konten nur mit Einladung.", "Frag den Betreiber nach einer."],
  "invite-refused": ["Die Einladung ist unbekannt, abgelaufen oder benutzt.", "Frag den Betreiber nach einer neuen."],
  "name-taken": ["Ein anderes Konto hat diesen Namen.", "Wähle einen anderen, oder melde dich an, wenn es deines ist."],
  "head-moved": ["Ein anderes Gerät hat inzwischen gespeichert.", again],
  "generation-moved": ["Die Schlüssel des Kontos wurden geändert.", login],
  "operation-used": ["Der Tresor hielt das für etwas anderes.", again],
  "snapshot-missing": ["Der Tresor bewahrt diese Sicherung nicht oder nicht mehr.", "Wähle eine andere."],
  "too-many-snapshots": ["Zu oft gespeichert in kurzer Zeit.", "Warte, und fasse mehrere Änderungen zusammen."],
  "storage-full": ["Der Tresor hat keinen Platz. Nichts wurde gespeichert.", "Sag es dem Betreiber und speichere später noch einmal."],
  "store-unavailable": ["Der Tresor erreicht seinen Speicher nicht.", later],
  "outcome-unknown": ["Der Tresor weiß nicht, ob es geschah.", "Versuche es noch einmal: Nichts geschieht doppelt."],
  "invalid-address": ["Das ist keine Adresse eines Tresors.", "Prüfe sie: Sie sieht aus wie vault.example.org."],
  "unreachable": ["Der Tresor ist nicht zu erreichen.", "Prüfe das Netz und versuche es noch einmal. Was du getippt hast, bleibt."],
  "malformed-answer": ["Was dort antwortet, ist kein Tresor oder beschädigt.", address],
  "answer-too-long": ["Die Antwort ist länger als jede eines Tresors.", address],
  "http-status": ["Etwas vor dem Tresor hat abgelehnt.", "Prüfe die Adresse, oder versuche es später."],
  "name-needed": ["Dieser Browser kennt den Namen des Kontos nicht.", "Tippe ihn ein."],
  "other-name": ["Das Konto, das dieser Browser kennt, heißt anders.", "Tippe dessen Namen, oder lass diesen Browser zuerst vergessen."],
  "weak-passphrase": ["Die Passphrase ist zu leicht zu erraten.", "Nimm die angebotene, oder mehrere zufällige Wörter."],
  "passphrase-or-account": ["Falsche Passphrase oder unbekanntes Konto.", tries],
  "foreign-server-key": [
    ({ passphrasesSince: at }) =>
      at === undefined
        ? "Der Schlüssel des Tresors hat sich geändert: Das ist vielleicht ein anderer Tresor."
        : `Der Schlüssel des Tresors hat sich geändert. Er sagt, sein Betreiber habe am ${f.date(at)} ein verlorenes Wurzelgeheimnis ersetzt; das könnte auch ein Betrüger sagen.`,
    ({ passphrasesSince: at }) => (at === undefined ? nothing : `${nothing} Frühere Passphrasen gelten nicht mehr, der Rettungscode gilt.`),
  ],
  "foreign-account": ["Der Tresor antwortete mit einem anderen Konto, als dieser Browser kennt.", "Nichts wurde gezeigt oder geändert. Wurde das Konto neu angelegt, lass diesen Browser zuerst vergessen."],
  "foreign-keyslot": ["Der Tresor gab Schlüssel, die nicht zu diesem Konto gehören.", "Nichts wurde gezeigt oder geändert. Versuche den Rettungscode, und sag es dem Betreiber."],
  "snapshot-refused": ["Der Tresor gab eine Sicherung, die beschädigt ist oder nicht zu diesem Konto gehört.", nothing],
  "rollback": [({ seen = 0, offered = 0 }) => `Der Tresor gab eine ältere Sicherung: Nummer ${offered}. Dieser Browser hat Nummer ${seen} gesehen.`, nothing],
  "fork": [({ seen = 0, offered = 0 }) => `Der Tresor gab eine andere Geschichte: Seine Nummer ${offered} folgt nicht auf Nummer ${seen}, die dieser Browser gesehen hat.`, nothing],
  "gap": [({ seen = 0, offered = 0 }) => `Dieser Browser war zu lange fort, um die Sicherung zu prüfen: Er hat Nummer ${seen} gesehen, die neueste ist ${offered}.`, "Nichts wurde gezeigt oder geändert. Haben andere Geräte so oft gespeichert, nimm es einmal hin."],
  "snapshot-lost": ["Der Tresor hat seine neueste Sicherung verloren.", "Nichts wurde gezeigt oder geändert. Sag es dem Betreiber; eine ältere ist vielleicht noch da."],
  "no-such-backup": ["Der Tresor bewahrt keine Sicherung dieser Nummer.", "Wähle eine andere."],
  "older-backup": ["Eine ältere Sicherung ist offen: Nach ihr lässt sich nichts speichern.", "Öffne die neueste."],
  "restore-not-asked": ["Der Tresor wurde noch nicht um ein Wiederherstellen gebeten.", "Bitte ihn darum; er schreibt es in den Verlauf."],
  "devices-refused": ["Der Geräteliste des Tresors ist nicht zu trauen. Kein Gerät wurde geändert.", operator],
  "no-such-device": ["Dieses Gerät gibt es nicht mehr.", "Sieh die Liste noch einmal an."],
  "too-many-devices": ["Es gibt so viele Geräte, wie es geben darf.", "Sperre zuerst eines."],
  "devices-unconfirmed": ["Es ist nicht bekannt, ob die Geräte geändert wurden.", "Sieh die Liste an, und versuche es noch einmal, wenn nicht."],
  "no-such-entry": ["Die Sicherung enthält diesen Eintrag nicht mehr.", "Sieh nach Neuem."],
  "entry-unreadable": ["Ein Eintrag lässt sich nicht öffnen und kann nicht zu neuen Schlüsseln mitkommen. Nichts wurde geändert.", "Suche ihn in einer älteren Sicherung, entferne ihn, und versuche es noch einmal."],
  "too-much": ["Das passt nicht in eine Sicherung.", "Entferne einen Eintrag, oder lege weniger in einen."],
  "read-back": ["Der Tresor sagte, er habe gespeichert, gibt aber etwas anderes zurück.", "Das Speichern ist hier bewahrt: Versuche es noch einmal, und sag es dem Betreiber."],
  "unconfirmed": ["Es ist nicht bekannt, ob der Tresor gespeichert hat.", "Das Speichern ist hier bewahrt: Ein neuer Versuch bringt es zu Ende."],
  "passphrase-unconfirmed": ["Es ist nicht bekannt, ob die Passphrase geändert wurde.", "Melde dich mit der neuen an; geht das nicht, mit der alten."],
  "deletion-unconfirmed": ["Es ist nicht bekannt, ob das Konto gelöscht wurde.", "Melde dich an, und lösche es noch einmal, wenn das geht."],
  "contended": ["Andere Geräte waren jedes Mal schneller.", "Das Speichern ist hier bewahrt: Ein neuer Versuch bringt es zu Ende."],
  "unfinished-save": ["Ein früheres Speichern ist nicht beendet.", "Beende es zuerst, oder gib es auf."],
  "newer-suite": ["Das Konto wurde auf ein neueres Format umgestellt.", update],
  "not-by-passphrase": ["Das braucht eine Anmeldung mit der Passphrase.", "Melde dich mit ihr an und versuche es noch einmal."],
  "history-contradicted": ["Der Verlauf des Tresors widerspricht dem, was dieser Browser gesehen hat.", "Frag den Betreiber, ob der Tresor aus einer alten Kopie wiederhergestellt wurde."],
  "recovery-code-unconfirmed": ["Es ist nicht bekannt, ob der neue Rettungscode gilt.", "Behalte beide. Versuche den neuen; geht er nicht, den alten."],
  "rekey-unconfirmed": ["Es ist nicht bekannt, ob die Schlüssel geändert wurden.", "Behalte beide Rettungscodes und melde dich an. Geht der neue Code, so wurden sie es; sonst ändere sie noch einmal."],
  "pairing-text": ["Das ist nicht, was ein neues Gerät zeigt, oder ein Teil fehlt.", "Scanne es, oder kopiere den ganzen Text."],
  "pairing-refused": ["Die Kopplung wurde abgelehnt: Vielleicht ist jemand dazwischen. Nichts wurde geändert.", anew],
  "pairing-expired": ["Das andere Gerät antwortete nicht rechtzeitig. Kein Gerät wurde hinzugefügt.", anew],
  "stretching": ["Die Passphrase ließ sich nicht strecken: Dafür braucht es 64 MiB Speicher.", "Schließe andere Tabs und versuche es noch einmal."],
  "journal": ["Dieser Browser konnte nicht bewahren, was bewahrt werden muss.", "Prüfe, ob er Daten speichern darf und Platz hat, und versuche es noch einmal."],
  "offline": ["Es ist kein Netz da.", "Verbinde dich und versuche es noch einmal. Was du getippt hast, bleibt."],
  "locked": ["Das Konto ist geschlossen.", "Öffne es wieder. Was du getippt hast, bleibt."],
  "in-another-tab": ["Das Konto wurde in einem anderen Tab weitergeführt.", "Mach dort weiter, oder hier."],
  "input": ["Etwas fehlt oder ist falsch.", "Berichtige, was markiert ist."],
  "cancelled": ["Abgebrochen.", "Nichts wurde geändert."],
  "camera": ["Die Kamera ist nicht zu benutzen.", "Erlaube sie in den Einstellungen des Browsers, oder füge den Text ein."],
  "clipboard": ["Der Browser ließ diese Seite nicht kopieren.", "Markiere den Text und kopiere ihn selbst."],
  "account-known": ["Dieser Browser kennt schon ein Konto.", "Melde dich an, oder lass diesen Browser vergessen, um ein anderes anzulegen."],
  "not-enrolled": ["Dieser Browser ist nicht angemeldet.", "Melde dich mit der Passphrase an."],
  "no-recovery-code": ["Es wurde kein Rettungscode gezogen.", "Beginne von vorn."],
  "pairing-not-kept": ["Dieser Browser wurde eingelassen, konnte seine Schlüssel aber nicht bewahren.", "Sperre ihn auf dem anderen Gerät, und kopple noch einmal."],
  "newer-entry": ["Dieser Eintrag ist von einer Art, die diese Seite nicht kennt.", update],
  "storage": ["Dieser Browser lässt die Seite nichts bewahren.", "Verlass den privaten Modus oder schaffe Platz, und versuche es noch einmal."],
  "storage-damaged": ["Was dieser Browser bewahrt, ist beschädigt.", "Lass diesen Browser vergessen, und melde dich dann an oder rette."],
  "page-damaged": ["Ein Teil dieser Seite wurde nicht geladen oder ist nicht der gebaute.", "Lade sie neu. Bleibt es so, sag es dem Betreiber."],
  "defect": ["Diese Seite hat einen Fehler.", `${update} Nichts Gespeichertes ist verloren.`],
};

export const reasons: Reasons = {
  "empty": "Hier ist etwas einzutippen.",
  "too-long": "Das ist zu lang.",
  "unassigned": "Es enthält ein Zeichen, dessen Form sich ändern kann. Nimm ein anderes.",
  "not-kept": "Schreib sie zuerst auf oder speichere sie, und setze dann das Häkchen.",
  "differ": "Die beiden sind verschieden. Tippe sie noch einmal.",
  "too-weak": "Sie ist zu leicht zu erraten.",
  "words-missing": "Einige Wörter fehlen.",
  "no-number": "Das ist keine Nummer einer Sicherung.",
  "confirm-words": "Das ist ein anderes Wort. Sieh auf dein Papier.",
  "type-it": "Tippe das Wort, um weiterzumachen.",
  "not-hex": "Das ist nicht hexadezimal: 0 bis 9 und a bis f, zwei je Byte.",
  "seed-length": "Ein Seed hat höchstens 64 Bytes.",
  "label-used": "Ein anderer Eintrag hat diese Bezeichnung.",
  "too-many-paths": "Höchstens 16 Pfade.",
  "common": "Was alle nehmen, wird zuerst versucht, und dies ist so etwas.",
  "names": "Namen werden früh versucht.",
  "pattern": "Tastenreihen werden früh versucht.",
  "repeat": "Wiederholte Buchstaben oder Wörter bringen fast nichts.",
  "sequence": "Folgen wie abc oder 123 werden früh versucht.",
  "dates": "Daten und Jahre werden früh versucht.",
  "one-word": "Ein einzelnes Wort ist sofort gefunden.",
  "hints": "Sie enthält den Namen des Kontos oder des Tresors.",
  "more-words": "Füge weitere Wörter hinzu, die nichts miteinander zu tun haben.",
  "well-known": "Das hat jeder gelesen.",
  "space": "Ein Name hat keine Leerzeichen.",
  "not-a-url": "Das ist keine Adresse. Sie sieht aus wie vault.example.org.",
  "scheme": "Sie muss mit https:// beginnen.",
  "insecure": "Sie muss mit https:// beginnen: Alles andere ginge offen über das Netz.",
  "host": "So heißt kein Server eines Tresors. Prüfe die Schreibung.",
  "path": "Lass weg, was hinter dem Servernamen steht.",
  "credentials": "Lass den Namen vor dem @ weg.",
  "word-count": "Eine Phrase hat 12, 15, 18, 21 oder 24 Wörter.",
  "unknown-word": "Ein Wort steht nicht auf der Liste.",
  "checksum": "Die Wörter passen nicht zusammen: Eines ist falsch, oder zwei sind vertauscht.",
  "ambiguous": "Diese Wörter stehen auf mehreren Listen. Wähle die Sprache.",
  "recovery-code": "Das ist ein Rettungscode. Er gehört nicht in den Tresor, den er öffnet.",
  "seed-phrase": "Das ist die Seed-Phrase einer Wallet, kein Rettungscode. Tippe einen Seed nie, wo er nicht hingehört.",
  "text-length": "Ein Text hat höchstens 16 000 Bytes.",
  "no-pairing": "Das ist nicht, was ein neues Gerät zeigt. Es beginnt mit rootcellar-pair-1:",
  "newer": "Das neue Gerät hat eine neuere Fassung. Lade diese Seite neu, um sie zu erneuern.",
  "damaged": "Ein Teil fehlt oder ist vertippt. Kopiere den ganzen Text, oder scanne den Code.",
  "invalid": "Das lässt sich nicht verwenden.",
};
