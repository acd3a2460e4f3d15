/**
 * The server that a command of the terminal talks to: its argument, else the server on this machine.
 *
 * @module
 */
import { UsageError } from "../config/errors.ts";
import type { Operand } from "./command.ts";
import { parseServerUrl, type ServerUrl } from "./server_url.ts";
import { quote } from "../text/wording.ts";

/** Where `hubbub serve` listens when it is not told. */
export const DEFAULT_URL = "http://localhost:8080/";

/** The server as an argument that must be given. */
export const SERVER: Operand = {
  name: "URL",
  help: "the server: localhost:8080, https://chat.example.org, ws://…/ws",
};

/** The server as an argument that may be left out. */
export const OPTIONAL_SERVER: Operand = {
  ...SERVER,
  help: `${SERVER.help} (default: ${DEFAULT_URL})`,
  optional: true,
};

/** @throws {UsageError} if it is no address of a server */
export function serverOperand(text: string = DEFAULT_URL): ServerUrl {
  const url = parseServerUrl(text);
  if (url !== undefined) return url;
  throw new UsageError(
    `Cannot read URL: must be the address of a server, such as localhost:8080 or ` +
      `https://chat.example.org, received ${quote(text)}`,
  );
}
