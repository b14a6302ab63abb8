// Fails where the page's JavaScript, with every part that is loaded later, outgrows what a person should have to load.
// Of the languages the largest counts: a page speaks one.
// Run by `npm run build` after Vite.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const MOST_BYTES = 250_000;
const SHOWN = 5;
const LANGUAGE = /^(en|tr|zh-CN)-/;

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const chunks = readdirSync(dist, { recursive: true })
  .filter((path) => path.endsWith(".js"))
  .map((path) => ({
    name: basename(path),
    bytes: gzipSync(readFileSync(join(dist, path)), { level: 9 }).length,
  }))
  .sort((one, other) => other.bytes - one.bytes);
const spoken = chunks.find(({ name }) => LANGUAGE.test(name));
const counted = chunks.filter((chunk) => chunk === spoken || !LANGUAGE.test(chunk.name));
const total = counted.reduce((sum, { bytes }) => sum + bytes, 0);
const inKilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const largest = counted.slice(0, SHOWN).map(({ name, bytes }) => `${name} ${inKilobytes(bytes)}`);
const words = `JavaScript: ${inKilobytes(total)} gzipped of ${inKilobytes(MOST_BYTES)} (${largest.join(", ")})`;

if (spoken === undefined || total > MOST_BYTES) {
  process.stderr.write(`${words}: too much\n`);
  process.exitCode = 1;
} else process.stdout.write(`${words}\n`);
