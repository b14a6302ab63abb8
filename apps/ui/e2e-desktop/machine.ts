import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { App, test as base, removed, until } from "./app";

/** A bus on which nobody is started by being called. */
const BUS = `<busconfig>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

/** A service of the machine: its name on the bus, its object, and the interface that it is asked by. */
interface Service {
  name: string;
  path: string;
  interface: string;
}

const LOGIND: Service = {
  name: "org.freedesktop.login1",
  path: "/org/freedesktop/login1",
  interface: "org.freedesktop.login1.Manager",
};
const UPOWER: Service = {
  name: "org.freedesktop.UPower",
  path: "/org/freedesktop/UPower",
  interface: "org.freedesktop.UPower",
};
const NETWORK: Service = {
  name: "org.freedesktop.NetworkManager",
  path: "/org/freedesktop/NetworkManager",
  interface: "org.freedesktop.NetworkManager",
};

/** The desktop's: what its settings are, for programs of all desktops. */
const PORTAL: Service = {
  name: "org.freedesktop.portal.Desktop",
  path: "/org/freedesktop/portal/desktop",
  interface: "org.freedesktop.portal.Settings",
};
const SCHEME = "'org.freedesktop.appearance', 'color-scheme'";

/**
 * A laptop: who puts it to sleep, its battery, its line and its desktop's settings, played by python-dbusmock on a bus of
 * their own.
 */
export class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), "gannet-machine-"));
  private readonly programs: ChildProcess[] = [];
  private address = "";

  static async start(): Promise<Machine> {
    const machine = new Machine();
    const config = join(machine.folder, "bus.conf");
    writeFileSync(config, BUS);
    const options = [`--config-file=${config}`, "--nofork", "--print-address=1"];
    const bus = spawn("dbus-daemon", options, { stdio: ["ignore", "pipe", "inherit"] });
    machine.programs.push(bus);
    [machine.address] = await once(createInterface(bus.stdout), "line");
    await machine.play(LOGIND, "--template", "logind");
    await machine.play(UPOWER, "--template", "upower");
    await machine.play(NETWORK, NETWORK.name, NETWORK.path, NETWORK.interface);
    const property = [`string:${NETWORK.interface}`, "string:Metered", "variant:uint32:0"];
    machine.call(NETWORK, "org.freedesktop.DBus.Mock.AddProperty", ...property);
    await machine.play(PORTAL, PORTAL.name, PORTAL.path, PORTAL.interface);
    // The real one wraps it twice too.
    machine.answer("Read", "ss", "v", "ret = dbus.UInt32(getattr(self, 'scheme', 0), variant_level=2)");
    machine.answer(
      "SetScheme",
      "u",
      "",
      `self.scheme = args[0]
self.EmitSignal('', 'SettingChanged', 'ssv', [${SCHEME}, dbus.UInt32(args[0], variant_level=1)])`,
    );
    return machine;
  }

  /** What a program has to find for its calls to come here. A session's services, which go first, are not there. */
  get environment(): Record<string, string> {
    return { DBUS_SYSTEM_BUS_ADDRESS: this.address, DBUS_SESSION_BUS_ADDRESS: this.address };
  }

  /** What is held off, and by whom. */
  inhibitors(): string {
    return this.call(LOGIND, `${LOGIND.interface}.ListInhibitors`);
  }

  onBattery(on: boolean): void {
    this.set(UPOWER, "OnBattery", `boolean:${on}`);
  }

  /** By NetworkManager's own numbers: 1 is yes, 2 is no. */
  metered(number: number): void {
    this.set(NETWORK, "Metered", `uint32:${number}`);
  }

  /** By the portal's own numbers: 1 is dark, 2 is light. */
  scheme(number: number): void {
    this.call(PORTAL, `${PORTAL.interface}.SetScheme`, `uint32:${number}`);
  }

  async stop(): Promise<void> {
    for (const program of this.programs) program.kill("SIGKILL");
    await removed(this.folder);
  }

  private async play(service: Service, ...words: string[]): Promise<void> {
    const env = { ...process.env, ...this.environment };
    // The system's own, whose packages bring the module.
    const mock = spawn("/usr/bin/python3", ["-m", "dbusmock", "--system", ...words], {
      env,
      stdio: "ignore",
    });
    this.programs.push(mock);
    const bus = "org.freedesktop.DBus";
    const owned = () => this.send(bus, "/", `${bus}.NameHasOwner`, `string:${service.name}`);
    await until(async () => owned()).toContain("true");
  }

  /** Has the portal answer a method by some lines of Python. */
  private answer(method: string, takes: string, gives: string, lines: string): void {
    const words = [PORTAL.interface, method, takes, gives, lines].map((word) => `string:${word}`);
    this.call(PORTAL, "org.freedesktop.DBus.Mock.AddMethod", ...words);
  }

  private set(service: Service, property: string, value: string): void {
    const words = [`string:${service.interface}`, `string:${property}`, `variant:${value}`];
    this.call(service, "org.freedesktop.DBus.Properties.Set", ...words);
  }

  private call(service: Service, method: string, ...words: string[]): string {
    return this.send(service.name, service.path, method, ...words);
  }

  private send(name: string, path: string, method: string, ...words: string[]): string {
    const to = [`--bus=${this.address}`, "--print-reply=literal", `--dest=${name}`, path, method];
    return execFileSync("dbus-send", [...to, ...words], { encoding: "utf8" });
  }
}

/** The window on a machine of the test's own. */
export const test = base.extend<{ machine: Machine }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs
  machine: async ({}, use) => {
    const machine = await Machine.start();
    await use(machine);
    await machine.stop();
  },
  app: async ({ machine }, use) => {
    const app = await App.start(machine.environment);
    await use(app);
    await app.stop();
  },
});
