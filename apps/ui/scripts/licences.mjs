// Writes the list of everything that Gannet is built from, with its licence, for the settings' last page.
// Run `npm run licences` after dependencies changed: it reads node_modules and asks `cargo metadata`.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What is in the page: the packages that the lock file does not mark as for development alone. */
function fromNpm() {
  const lock = JSON.parse(readFileSync(here("../package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path.startsWith("node_modules/") && !dev && !optional)
    .map(([path, { version, license }]) => ({
      name: path.replace(/^.*node_modules\//, ""),
      version,
      licence: license ?? "unknown",
    }));
}

/** What is in the programs. The workspace's own crates have no source. */
function fromCargo() {
  const metadata = JSON.parse(
    execFileSync("cargo", ["metadata", "--format-version=1", "--offline", "--locked"], {
      cwd: here("../../.."),
      maxBuffer: 1 << 28,
    }),
  );
  return metadata.packages
    .filter(({ source }) => source !== null)
    .map(({ name, version, license }) => ({ name, version, licence: license ?? "unknown" }));
}

const all = [...fromNpm(), ...fromCargo()].sort(
  (one, other) => one.name.localeCompare(other.name, "en") || one.version.localeCompare(other.version, "en"),
);
const lines = all.map((part) => `  ${JSON.stringify(part)}`).join(",\n");
writeFileSync(here("../src/features/settings/licences.json"), `[\n${lines}\n]\n`);
