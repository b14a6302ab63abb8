import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { ToastProvider } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";
import type { Command, Probed, Reply } from "@/generated";
import { startI18nForTests } from "@/i18n/for-tests";
import { useEngine } from "@/stores/engine";
import { TransportProvider } from "@/transport/context";
import { MockTransport } from "@/transport/mock";
import type { Desktop } from "@/transport/types";

/** What a link leads to, where a test does not care. */
export const PROBED: Probed = {
  ticket: 7,
  name: "ubuntu.iso",
  length: 4_200_000_000,
  file_kind: "disk_image",
  media_type: null,
  resumable: true,
  host: "example.org",
  category: null,
  folder: "/srv/Downloads/Disk images",
  free_bytes: 400_000_000_000,
  needed_bytes: 0,
  digest: null,
  name_taken: false,
  duplicates: [],
};

/** Answers in place of the engine; what it leaves out the simulated engine answers. */
export type Answers = Partial<Record<Command["action"], (command: Command) => Reply | Promise<Reply>>>;

/** A window on a person's screen, where nothing is chosen and everything is taken. */
export const DESKTOP: Desktop = {
  chooseFolder: async () => ({ kind: "cancelled" }),
  saveAs: async () => ({ kind: "cancelled" }),
  saveList: async () => ({ kind: "cancelled" }),
  hand: async () => "done",
  knowsPower: true,
  keepDraft: () => {},
  closeWindow: async () => {},
  goOnWithoutWindow: async () => {},
  writeClipboard: async () => true,
  readClipboard: async () => "",
  showUpdate: async () => {},
};

/** Draws something over a simulated engine, and keeps what it was asked. */
export function draw(content: ReactNode, answers: Answers = {}, desktop: Desktop | null = null) {
  cleanup();
  startI18nForTests();
  const transport = new MockTransport({ scenario: "busy", seed: 1, start_ms: Date.UTC(2026, 10, 22) });
  transport.desktop = desktop;
  const asked: Command[] = [];
  const simulated = transport.execute.bind(transport);
  transport.execute = async (command) => {
    asked.push(structuredClone(command));
    return (await answers[command.action]?.(command)) ?? simulated(command);
  };
  transport.subscribe({
    message: (message) => {
      if (message.kind === "state") {
        const { rows, queues, categories, settings, roots } = message.state;
        const byId = new Map(rows.map((row) => [row.id, row]));
        useEngine.setState({ rows: byId, queues, categories, settings, roots, ready: true });
      } else if (message.kind === "event" && message.event.kind === "settings") {
        useEngine.setState({ settings: message.event.settings });
      } else if (message.kind === "event" && message.event.kind === "queues") {
        useEngine.setState({ queues: message.event.queues });
      } else if (message.kind === "event" && message.event.kind === "roots") {
        useEngine.setState({ roots: message.event.roots });
      }
    },
    connection: () => {},
  });
  const shown = render(
    <TransportProvider transport={transport}>
      <TooltipProvider>
        <ToastProvider>{content}</ToastProvider>
      </TooltipProvider>
    </TransportProvider>,
  );
  /** What was asked with an action, in order. */
  const of = <Action extends Command["action"]>(action: Action) =>
    asked.filter((command): command is Extract<Command, { action: Action }> => command.action === action);
  return { ...shown, asked, of, transport };
}
