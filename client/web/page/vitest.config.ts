import { defineConfig } from "vitest/config";

// The page's logic, without a browser; what needs one is in tests/browser.
export default defineConfig({
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
