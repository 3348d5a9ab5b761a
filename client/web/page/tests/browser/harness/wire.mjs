/**
 * The network between browser and vault: passes everything on, keeps what passed, and fails where a test says so. It is the
 * origin that the page is opened at, so that requests are signed for it.
 */

import assert from "node:assert/strict";
import http from "node:http";
import { TIMEOUT, within } from "./within.mjs";

export class Wire {
  /** Everything that passed: `{ method, url, request, status, response }`, heads and bodies as bytes. */
  passed = [];
  #server;
  #target = 0;
  /** Called with each request for the vault's interface; may say `"cut"`, `"lose"`, or give an answer of its own, also later. */
  #rule = null;
  /** Called with each answer of the vault's interface; may give another body. */
  #alter = null;
  #down = false;

  /** Leads nowhere until it is said where. */
  static async open(test) {
    const wire = new Wire();
    wire.#server = http.createServer((request, response) => void wire.#serve(request, response));
    await new Promise((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    wire.origin = `http://localhost:${wire.#server.address().port}`;
    test.after(() => wire.close());
    return wire;
  }

  /** Leads to the vault at this port. */
  leadsTo(port) {
    this.#target = port;
  }

  close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    return within("a wire closes", closed);
  }

  /** From now on nothing arrives. */
  fail() {
    this.#down = true;
    this.#server.closeAllConnections();
  }

  /** From now on everything passes again. */
  heal() {
    this.#down = false;
    this.#rule = null;
    this.#alter = null;
  }

  /** The answer to the `nth` request for the interface from now on (1 is the next one) is lost, and then the network is. */
  loseReply(nth) {
    let seen = 0;
    this.#rule = () => (++seen === nth ? "lose" : null);
  }

  /** The same, but the request does not arrive. */
  cutRequest(nth) {
    let seen = 0;
    this.#rule = () => (++seen === nth ? "cut" : null);
  }

  /** The first request of this kind does not arrive (`"cut"`), or its answer is lost (`"lose"`), and then the network is. */
  breaksAt(way, method, url) {
    this.#rule = (asked) => (asked.method === method && asked.url === url ? way : null);
  }

  /**
   * Holds the next request of this kind back; it arrives at the vault after `goOn`, whatever became of the page. `begun()`: it is
   * here; `arrived()`: the vault has answered it.
   */
  holdsBack(method, url) {
    const [begun, going] = [once(), once()];
    let held = null;
    this.#rule = async (asked) => {
      if (held === null && asked.method === method && asked.url.startsWith(url)) {
        held = asked.url;
        begun.now();
        await going.promise;
      }
      return null;
    };
    const before = this.passed.length;
    const arrived = async () => {
      const end = Date.now() + TIMEOUT;
      while (!this.passed.slice(before).some((one) => one.method === method && one.url === held)) {
        assert.ok(Date.now() < end, `${method} ${url} did not arrive`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { begun: () => within(`${method} ${url}`, begun.promise), goOn: going.now, arrived };
  }

  /** Whether the failure that was ordered has come about. */
  get isDown() {
    return this.#down;
  }

  /** Answers requests that the rule gives an answer for (`{ status, headers, body }`). */
  answer(rule) {
    this.#rule = rule;
  }

  /** Changes bodies: `(exchange) => Buffer` or `null`. */
  alter(change) {
    this.#alter = change;
  }

  /** How many requests for the interface have passed. */
  get count() {
    return this.passed.filter(({ url }) => url.startsWith("/v1/")).length;
  }

  /** Everything that passed over the wire of the interface, in one. */
  bytes() {
    return Buffer.concat(this.passed.flatMap(({ url, request, response }) => [Buffer.from(url), request, response]));
  }

  async #serve(request, response) {
    if (this.#down) {
      return request.socket.destroy();
    }
    const body = await collect(request).catch(() => null);
    if (body === null) {
      return;
    }
    const isApi = request.url.startsWith("/v1/");
    const said = isApi ? await this.#rule?.({ method: request.method, url: request.url, headers: request.headers, body }) : null;
    if (said === "cut") {
      this.fail();
      return request.socket.destroy();
    }
    const answer = typeof said === "object" && said !== null ? said : await this.#forward(request, body);
    if (answer === null || said === "lose") {
      if (said === "lose") {
        this.fail();
      }
      return request.socket.destroy();
    }
    const exchange = { method: request.method, url: request.url, status: answer.status, body: answer.body };
    const altered = (isApi && this.#alter?.(exchange)) || answer.body;
    this.passed.push({
      method: request.method,
      url: request.url,
      request: Buffer.concat([Buffer.from(`${request.rawHeaders.join("\n")}\n`), body]),
      status: answer.status,
      response: Buffer.concat([Buffer.from(JSON.stringify(answer.headers)), altered]),
    });
    const headers = { ...answer.headers, "content-length": altered.length };
    delete headers["transfer-encoding"];
    response.writeHead(answer.status, headers);
    response.end(request.method === "HEAD" ? undefined : altered);
  }

  /** The vault's answer; `null` where it gives none. */
  #forward(request, body) {
    const { method, url: path, headers } = request;
    const options = { host: "127.0.0.1", port: this.#target, method, path, headers, agent: false };
    return new Promise((resolve) => {
      const onward = http.request(options, (answer) => {
        collect(answer).then(
          (bytes) => resolve({ status: answer.statusCode, headers: answer.headers, body: bytes }),
          () => resolve(null),
        );
      });
      onward.on("error", () => resolve(null));
      onward.end(body);
    });
  }
}

/** A promise, and what keeps it. */
function once() {
  let now;
  const promise = new Promise((resolve) => (now = resolve));
  return { promise, now };
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
