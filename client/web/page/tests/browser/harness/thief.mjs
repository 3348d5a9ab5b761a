/** A thief with a computer that may back up: it needs no key of the account to save what nobody can open. */

import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { Computer } from "./cli.mjs";
import { PHRASE } from "./person.mjs";
import { within } from "./within.mjs";

/** What precedes the seed of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** The components that a device's request signs (protocol.md section 14). */
const COVERED = '("@method" "@authority" "@path" "@query" "content-digest" "rootcellar-session")';

export class Thief {
  #computer;
  #wire;

  /** Steals a computer that its owner has enrolled under this name; it has a network of its own. */
  static async of(world, { account, passphrase, label = "Lost computer" }) {
    const thief = new Thief();
    const folder = join(world.home, "lost");
    await mkdir(folder);
    thief.#wire = await world.otherWire();
    const computer = (thief.#computer = new Computer(folder, thief.#wire.origin));
    const enrols = ["--enrol", "--permission", "backup", "--device-secrets", "plain"];
    const named = ["--account", account, "--device-label", label];
    await computer.run("login", ...named, ...enrols, "--passphrase-file", await computer.paper(passphrase));
    return thief;
  }

  /** Saves backups after the newest one, each behind the other: the MAC of each is wrong. */
  async ruins(times = 1) {
    const { headers, url, body } = await this.#nextSave();
    body[body.length - 1] ^= 1;
    let saved = { url, body };
    await this.#sends(headers, saved);
    for (let more = 1; more < times; more += 1) {
      saved = following(saved);
      await this.#sends(headers, saved);
    }
  }

  /** Signs a save by the device's key, as its own program would, and sends it. */
  async #sends({ host, "rootcellar-session": session, "content-type": type }, { url, body }) {
    const digest = `sha-256=:${sha256(body).toString("base64")}:`;
    const { key, id } = await this.#requestKey();
    const about = [`created=${Math.floor(Date.now() / 1000)}`, `nonce="${randomBytes(16).toString("base64url")}"`];
    const parameters = [COVERED, ...about, `keyid="${id}"`, 'tag="rootcellar-1"'].join(";");
    const covered = { "@method": "PUT", "@authority": host, "@path": url, "@query": "?", "content-digest": digest };
    const signed = { ...covered, "rootcellar-session": session, "@signature-params": parameters };
    const base = Object.entries(signed).map(([name, value]) => `"${name}": ${value}`);
    const signature = sign(null, Buffer.from(base.join("\n")), key).toString("base64");
    const status = await put(new URL(url, this.#wire.origin), body, {
      "content-digest": digest,
      "content-type": type,
      "rootcellar-session": session,
      "signature-input": `rc=${parameters}`,
      signature: `rc=:${signature}:`,
    });
    assert.equal(status, 200, "the vault takes what the device signs");
  }

  /** What the computer's own program would save next; it does not arrive. */
  async #nextSave() {
    let caught = null;
    const problem = { type: "urn:rootcellar:problem:not-permitted", title: "", status: 403, code: "not-permitted", detail: "" };
    const refused = { status: 403, headers: { "content-type": "application/problem+json" }, body: Buffer.from(JSON.stringify(problem)) };
    this.#wire.answer((asked) => {
      if (asked.method !== "PUT") {
        return null;
      }
      caught = asked;
      return refused;
    });
    await assert.rejects(this.saves());
    this.#wire.heal();
    assert.notEqual(caught, null, "the computer has begun a save");
    return caught;
  }

  /** The computer saves an entry, if the vault lets it. */
  async saves() {
    await this.#computer.run("add", "--label", "Of the thief", "--from", await this.#computer.paper(PHRASE));
  }

  /** The key that signs the device's requests lies in its folder. */
  async #requestKey() {
    const { secrets } = JSON.parse(await readFile(join(this.#computer.folder, "home", "device-secrets.json"), "utf8"));
    const seed = Buffer.from(secrets, "base64url").subarray(32);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
    return { key, id: createPublicKey(key).export({ format: "jwk" }).x };
  }
}

/** A backup that follows another, by its header (protocol.md section 10). */
function following({ url, body }) {
  const header = Buffer.from(body.subarray(0, 54));
  const operation = randomBytes(16);
  header.writeBigUInt64BE(header.readBigUInt64BE(30) + 1n, 30);
  operation.copy(header, 38);
  const count = Buffer.alloc(2);
  count.writeUInt16BE(body.readUInt16BE(54) + 1);
  const path = url.slice(0, url.lastIndexOf("/") + 1) + operation.toString("base64url");
  return { url: path, body: Buffer.concat([header, count, sha256(body), body.subarray(56)]) };
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest();
}

/** Sends a request as it is, and gives the status of the response. */
function put(url, body, headers) {
  const sent = new Promise((resolve, reject) => {
    const request = http.request(url, { method: "PUT", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("error", reject);
    request.end(body);
  });
  return within(`PUT ${url}`, sent);
}
