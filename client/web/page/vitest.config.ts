import { defineConfig } from "vitest/config";
import { assigned } from "./build/assigned.mjs";

// The page's logic, without a browser; what needs one is in tests/browser.
export default defineConfig({
  define: { __ASSIGNED__: JSON.stringify(assigned) },
  // No test is about time; a machine that is busy with other things takes some.
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], testTimeout: 120_000 },
});
