/** Offers again what was not loaded as the screen opened. */

import { Button } from "./button.tsx";
import { useTexts, type Step } from "./context.ts";

interface Props {
  readonly step: Step;
  readonly isLoaded: boolean;
  readonly onClick: () => void;
}

export function Retry({ step, isLoaded, onClick }: Props) {
  const texts = useTexts();
  if (step.failure === null && (isLoaded || step.running)) {
    return null;
  }
  return (
    <Button does="retry" step={step} onClick={onClick}>
      {texts.again}
    </Button>
  );
}
