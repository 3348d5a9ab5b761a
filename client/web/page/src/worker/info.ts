/** What a vault says of itself before anybody has an account there. */
import type { VaultInfo } from "../api.ts";
import { originOf } from "../address.ts";
import { failed } from "../failure.ts";
import { ANSWERED, request } from "./request.ts";

/** Far more than a vault says. */
const MOST_BYTES = 16 << 10;
const PROTOCOL = 1;

export async function vaultInfo(vault: string): Promise<VaultInfo> {
  const url = `${originOf(vault)}/v1/vault`;
  const answer = await request(
    { method: "GET", url, headers: "", body: new Uint8Array(), most: MOST_BYTES },
    new AbortController(),
  );
  if (answer.fault !== ANSWERED) throw failed("unreachable");
  if (answer.status !== 200) throw failed("http-status");
  const info = read(answer.body);
  if (!info) throw failed("malformed-response");
  if (info.protocol !== PROTOCOL) throw failed("unsupported");
  const { registration } = info;
  if (registration !== "open" && registration !== "invite" && registration !== "closed") {
    throw failed("malformed-response");
  }
  return { registration };
}

function read(body: Uint8Array): { protocol?: unknown; registration?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}
