import { HttpTransport } from "@/transport/http";
import { start } from "./start";

void start(new HttpTransport());
