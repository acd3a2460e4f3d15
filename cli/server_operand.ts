/**
 * The URL operand of the client commands. Without it they use the server on this machine.
 *
 * @module
 */
import { UsageError } from "../config/errors.ts";
import type { Operand } from "./command.ts";
import { parseServerUrl, type ServerUrl } from "./server_url.ts";
import { quote } from "../text/wording.ts";

/** Where `hubbub serve` listens by default. */
export const DEFAULT_URL = "http://localhost:8080/";

/** The server as a required argument. */
export const SERVER: Operand = {
  name: "URL",
  help: "the server: localhost:8080, https://chat.example.org, ws://…/ws",
};

/** The server as an optional argument. */
export const OPTIONAL_SERVER: Operand = {
  ...SERVER,
  help: `${SERVER.help} (default: ${DEFAULT_URL})`,
  optional: true,
};

/** @throws {UsageError} if `text` is not the address of a server */
export function serverOperand(text: string = DEFAULT_URL): ServerUrl {
  const url = parseServerUrl(text);
  if (url !== undefined) return url;
  throw new UsageError(
    `Cannot read URL: must be the address of a server, such as localhost:8080 or ` +
      `https://chat.example.org, received ${quote(text)}`,
  );
}
