/** Offers to install the page as an app, where the browser says that it can be. */

import { useEffect, useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { useTexts } from "./context.ts";

/** What Chromium sends; no standard has it. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

let offered: InstallEvent | null = null;
const listeners = new Set<() => void>();

/** Listens from the start: the browser says it once. */
export function watchInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offered = event as InstallEvent;
    listeners.forEach((listener) => listener());
  });
}

export function InstallHint() {
  const { welcome } = useTexts();
  const [prompt, setPrompt] = useState(offered);
  useEffect(() => {
    const changed = (): void => setPrompt(offered);
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  if (prompt === null) {
    return null;
  }
  const install = (): void => {
    offered = null;
    setPrompt(null);
    void prompt.prompt();
  };
  return (
    <aside class="panel">
      <p>{welcome.install}</p>
      <Button does="install" onClick={install}>
        {welcome.installDo}
      </Button>
    </aside>
  );
}
