import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `gannet serve` listens while the page is being developed against it. */
const SERVER = process.env.GANNET_SERVER ?? "http://127.0.0.1:6900";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": page("./src") } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    outDir: mode === "mock" ? "dist-mock" : "dist",
    // The simulated engine is for development, tests and pictures; it does not ship.
    rollupOptions: {
      input:
        mode === "mock"
          ? { mock: page("mock.html") }
          : { index: page("index.html"), desktop: page("desktop.html") },
      // What others wrote changes seldom and compresses best in one piece; so do our own small parts, which every screen uses.
      output: {
        codeSplitting: {
          groups: [
            { name: "vendor", test: /node_modules/ },
            {
              name: "controls",
              test: /src\/(components\/(?!range-map)|lib\/|stores\/|commands\/|dialogs\/store|i18n\/(namespaces|use-))/,
            },
          ],
        },
      },
    },
  },
  server: {
    // The name that `cargo xtask dev` tells the server to answer to: it refuses every other.
    host: "localhost",
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": { target: SERVER, ws: true },
      "/login": { target: SERVER },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 20_000 },
}));
