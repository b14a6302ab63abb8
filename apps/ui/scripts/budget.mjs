// Fails where the page's JavaScript, all of it together, outgrows what a person should have to load.
// Run by `npm run build` after Vite.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const MOST_BYTES = 250_000;
const SHOWN = 5;

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const chunks = readdirSync(dist, { recursive: true })
  .filter((path) => path.endsWith(".js"))
  .map((path) => ({
    name: basename(path),
    bytes: gzipSync(readFileSync(join(dist, path)), { level: 9 }).length,
  }))
  .sort((one, other) => other.bytes - one.bytes);
const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
const inKilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const largest = chunks.slice(0, SHOWN).map(({ name, bytes }) => `${name} ${inKilobytes(bytes)}`);
const words = `JavaScript: ${inKilobytes(total)} gzipped of ${inKilobytes(MOST_BYTES)} (${largest.join(", ")})`;

if (chunks.length === 0 || total > MOST_BYTES) {
  process.stderr.write(`${words}: too much\n`);
  process.exitCode = 1;
} else process.stdout.write(`${words}\n`);
