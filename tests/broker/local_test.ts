import { LocalBroker } from "../../broker/local.ts";
import { testBroker } from "./conformance.ts";

testBroker("LocalBroker", () => new LocalBroker());
