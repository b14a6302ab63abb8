import { MockTransport, mockOptionsFrom } from "@/transport/mock";
import { start } from "./start";

/** The connection of the scenario `lost` is there for so long, and then gone for so long. */
const OPEN_MS = 4000;
const LOST_MS = 6000;

const options = mockOptionsFrom(new URLSearchParams(location.search), Date.now());
const transport = new MockTransport(options);

// For tests that drive the page: `gannetMock.engine.advance(1000)`.
Object.assign(globalThis, { gannetMock: transport });

if (!options.manual) transport.run();
if (options.scenario === "lost") loseAndFind();

void start(transport);

function loseAndFind(): void {
  setTimeout(() => {
    transport.setConnection("lost");
    setTimeout(() => {
      transport.setConnection("open");
      loseAndFind();
    }, LOST_MS);
  }, OPEN_MS);
}
