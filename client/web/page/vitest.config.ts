import { defineConfig } from "vitest/config";
import { assigned } from "./build/assigned.mjs";

// The page's logic, without a browser; what needs one is in tests/browser.
export default defineConfig({
  define: { __ASSIGNED__: JSON.stringify(assigned) },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
