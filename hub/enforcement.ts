/**
 * What becomes of those on whom an admin has imposed something.
 *
 * @module
 */
import { CloseCode } from "../protocol.ts";
import type { RequestContext } from "./context.ts";
import type { Participant } from "./participant.ts";

/**
 * Tells somebody why, and ends the connection for good. Nothing that it has asked for and that was not served
 * yet counts.
 */
export function kickOut(
  participant: Participant,
  content: string,
  { registry, disconnect }: Pick<RequestContext, "registry" | "disconnect">,
): void {
  const { connection } = participant;
  connection.answer([{ type: "system", content }]);
  if (participant.isLoggedIn) registry.logout(participant);
  disconnect(connection, CloseCode.Kicked, "An admin has ended the connection");
}
