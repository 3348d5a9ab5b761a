/** Offers a step again that failed as the screen opened. */

import { Button } from "./button.tsx";
import { useTexts, type Step } from "./context.ts";

export function Retry({ step, onClick }: { readonly step: Step; readonly onClick: () => void }) {
  const texts = useTexts();
  if (step.failure === null) {
    return null;
  }
  return (
    <Button does="retry" step={step} onClick={onClick}>
      {texts.again}
    </Button>
  );
}
