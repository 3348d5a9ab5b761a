/** The account's devices and what happened to it, and how another browser becomes one of them. */
import type { Vault } from "../api.ts";
import { begin } from "./session.ts";
import { parsed } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

type Devices = Pick<Vault, "devices" | "enrol" | "permit" | "revoke" | "history">;
type Pairing = Pick<
  Vault,
  "offerPairing" | "awaitPairing" | "finishPairing" | "meetPairing" | "confirmPairing" | "cancelPairing"
>;

export function devices(storage: Storage): Devices {
  return {
    devices: async () => parsed(await core.devices()),
    enrol: (permission) => core.enrol(permission),
    permit: async (device, permission) => parsed(await core.permit(device, permission)),
    async revoke(device) {
      const json = await core.revoke(device);
      // With an old copy of the vault its keys would open what it could.
      if (device === (await storage.get("own"))?.id) {
        await storage.put({ secrets: undefined, next: undefined }).catch(() => undefined);
      }
      return parsed(json);
    },
    history: async () => parsed(await core.history()),
  };
}

export function pairing(storage: Storage): Pairing {
  return {
    async offerPairing(vault, deviceLabel) {
      await begin(storage, vault, deviceLabel);
      return core.offerPairing(deviceLabel);
    },
    awaitPairing: () => core.awaitPairing(),
    finishPairing: () => core.finishPairing(),
    meetPairing: async (text) => parsed(await core.meetPairing(text)),
    confirmPairing: (permission) => core.confirmPairing(permission),
    cancelPairing: async () => core.forgetPairing(),
  };
}
