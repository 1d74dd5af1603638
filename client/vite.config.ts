import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // The Content-Security-Policy does not allow data: URLs.
    assetsInlineLimit: 0,
    // Only needed by browsers below the target, and would be an inline script.
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
  },
});
