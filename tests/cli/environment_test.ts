import { COMMANDS } from "../../cli/commands.ts";
import { warnOfUnknown } from "../../cli/environment.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("warnOfUnknown() says nothing of our variables and of other people's", () => {
  const environment = { HUBBUB_ADDR: ":1", HUBBUB_MAX_FILE: "1", PATH: "/bin", hubbub_x: "1" };
  assertEquals(warnOfUnknown(environment, COMMANDS), []);
});

Deno.test("warnOfUnknown() names each unknown variable and the nearest known one", () => {
  const environment = { HUBBUB_ADR: "secret-value", HUBBUB_ZEBRA: "", HUBBUB_: "" };
  assertEquals(warnOfUnknown(environment, COMMANDS), [
    'Unknown environment variable "HUBBUB_" has no effect: see hubbub --help',
    'Unknown environment variable "HUBBUB_ADR" has no effect: did you mean HUBBUB_ADDR?',
    'Unknown environment variable "HUBBUB_ZEBRA" has no effect: see hubbub --help',
  ]);
});

Deno.test("warnOfUnknown() counts --help and --version as no variables", () => {
  assertEquals(warnOfUnknown({ HUBBUB_HELP: "1", HUBBUB_VERSION: "1" }, COMMANDS).length, 2);
});

Deno.test("warnOfUnknown() passes over what Kubernetes sets for a service of our name", () => {
  const environment = {
    HUBBUB_SERVICE_HOST: "10.0.0.7",
    HUBBUB_SERVICE_PORT: "8080",
    HUBBUB_SERVICE_PORT_HTTP: "8080",
    HUBBUB_PORT: "tcp://10.0.0.7:8080",
    HUBBUB_PORT_8080_TCP: "tcp://10.0.0.7:8080",
    HUBBUB_PORT_8080_TCP_ADDR: "10.0.0.7",
    HUBBUB_WEB_PORT: "tcp://10.0.0.8:80",
  };
  assertEquals(warnOfUnknown(environment, COMMANDS), []);
});
