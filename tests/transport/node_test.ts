/**
 * The transport `node` against the suite that both must pass.
 *
 * @module
 */
import { testTransport } from "./conformance.ts";

testTransport("node");
