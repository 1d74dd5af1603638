import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // No data: URLs: the Content-Security-Policy allows none.
    assetsInlineLimit: 0,
    // Needed by browsers that the target leaves out, and would be an inline script.
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
  },
});
