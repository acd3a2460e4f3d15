/**
 * `hubbub logout`: ends the session of `hubbub login`.
 *
 * @module
 */
import { StartError } from "../config/errors.ts";
import type { LOGOUT_FLAGS } from "./account_flags.ts";
import type { Input } from "./command.ts";
import { serverOperand } from "./server_operand.ts";
import { forgetSession, readSession, sessionPath } from "./session_file.ts";
import { endSession } from "./session_request.ts";

/**
 * Ends the session on the server and forgets it here.
 *
 * @param path the file that keeps sessions; empty: there is no place for one
 * @throws {StartError} if there is none, or the server cannot be reached: then it is kept
 */
export async function logout(
  { flags, operands }: Pick<Input<typeof LOGOUT_FLAGS>, "flags" | "operands">,
  path: string,
): Promise<string> {
  const { base } = serverOperand(operands[0]);
  const saved = readSession(base, path);
  if (saved === undefined) throw new StartError(`Not logged in to ${base}: there is no session`);
  if (!flags.local) await end(base, saved.session);
  forgetSession(base, path);
  return `Logged out of ${base}`;
}

async function end(...session: Parameters<typeof endSession>): Promise<void> {
  try {
    await endSession(...session);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(
      `${error.message}; the session is kept, use --local to forget it on this machine only`,
    );
  }
}

/** Logs out, and says so. */
export async function run(input: Input<typeof LOGOUT_FLAGS>): Promise<number> {
  console.log(await logout(input, sessionPath()));
  return 0;
}
