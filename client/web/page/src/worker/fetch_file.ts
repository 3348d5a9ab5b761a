import { failed } from "../failure.ts";
import type { File } from "./files.ts";

/** Fetches a file of the page; one that is not what was built does not arrive. */
export async function fetchFile(base: string, { path, integrity }: File): Promise<Response> {
  const options: RequestInit = { integrity, credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
  const answer = await fetch(new URL(path, base), options).catch(() => undefined);
  if (!answer?.ok) throw failed("page-damaged");
  return answer;
}
