import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as HttpServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The programs under test, built by `cargo xtask e2e`, which says where they are. */
const GANNET = fromEnvironment("GANNET");
const ORIGIN = fromEnvironment("GANNET_ORIGIN");

/** A test origin: a server that behaves as badly as `options` ask. */
export class Origin {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** The digest of its file, where `--print-sha256` asked for it. */
    readonly sha256: string | undefined,
  ) {}

  static async start(...options: string[]): Promise<Origin> {
    const wantsDigest = options.includes("--print-sha256");
    const child = spawn(ORIGIN, ["--listen", "127.0.0.1:0", ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = await firstLines(child, wantsDigest ? 2 : 1);
    const url = lines.find((line) => line.startsWith("listening on "))?.slice("listening on ".length);
    if (url === undefined) throw new Error(`the origin said ${JSON.stringify(lines)}`);
    return new Origin(child, url.replace(/\/$/, ""), lines.join(" ").match(/[0-9a-f]{64}/)?.[0]);
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}

/** A `gannet serve` with a data folder of its own, which survives its kills. */
export class Server {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "gannet-e2e-"));
  readonly downloads = join(this.folder, "downloads");
  private listen = "127.0.0.1:0";
  url = "";

  static async start(): Promise<Server> {
    const server = new Server();
    mkdirSync(server.downloads);
    await server.run();
    return server;
  }

  /** Starts it, the second time on the same port: the page finds it again. Returns a link to log in with. */
  async run(): Promise<string> {
    const folders = ["--data-dir", join(this.folder, "data"), "--download-dir", this.downloads];
    this.child = spawn(GANNET, ["serve", "--listen", this.listen, ...folders], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await firstLines(this.child, 1);
    const url = line?.match(/^listening on (\S+)$/)?.[1];
    if (url === undefined) throw new Error(`the server said ${line}`);
    this.url = url.replace(/\/$/, "");
    this.listen = new URL(url).host;
    return this.loginLink();
  }

  /** A new link to log in with. */
  loginLink(): string {
    const words = ["serve", "--login-link", "--data-dir", join(this.folder, "data")];
    return execFileSync(GANNET, words, { encoding: "utf8" }).match(/http\S+/)?.[0] ?? "";
  }

  /** Resolves once it has ended by itself. */
  async ended(): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once("exit", resolve));
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const child = this.child;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await this.ended();
    this.child = undefined;
  }

  /** It stands still, as on a machine that has too much to do: its connections are there, and nobody answers. */
  halt(): void {
    this.child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.child?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A way to an origin that can be shut: a link that expires, or that never led anywhere. */
export class Door {
  private status = 0;

  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  static async open(origin: Origin): Promise<Door> {
    const server = createServer((question, answer) => {
      if (door.status !== 0) {
        answer.writeHead(door.status).end();
        return;
      }
      const { host: _, ...headers } = question.headers;
      const onward = request(`${origin.url}${question.url}`, { headers, agent: false }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      answer.on("close", () => onward.destroy());
      onward.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const door = new Door(server, `http://127.0.0.1:${port}`);
    return door;
  }

  /** From now on every question is answered by this status; what was on its way is cut. */
  shut(status: number): void {
    this.status = status;
    this.server.closeAllConnections();
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** A variable that `cargo xtask e2e` sets. */
export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run these tests by \`cargo xtask e2e\``);
  return value;
}

/** The first lines of a program's output; what follows is read and dropped, so that it never waits for us. */
function firstLines(child: ChildProcess, count: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error("its output is not piped"));
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (lines.length === count) resolve(lines);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`ended with ${code} after ${JSON.stringify(lines)}`)));
  });
}
