/**
 * Has the operator told how a sign-in ended.
 *
 * @module
 */
import type { Context } from "hono";
import type { SignInLog, SignInMethod, SignInResult } from "../../log/sign_ins.ts";
import { Refused, type User } from "../../protocol.ts";
import type { AppEnv } from "../base_app.ts";

/** Where it is told. */
export interface SignInRecord {
  /** Absent: nowhere. */
  readonly signInLog?: SignInLog;
}

/** Passes a sign-in on, and tells how it ended. */
export async function recordSignIn<T extends { readonly user: User }>(
  { env: { ip } }: Context<AppEnv>,
  { signInLog }: SignInRecord,
  method: SignInMethod,
  signIn: () => Promise<T>,
): Promise<T> {
  try {
    const signedIn = await signIn();
    signInLog?.succeeded({ method, ip }, signedIn.user);
    return signedIn;
  } catch (error) {
    if (error instanceof Refused) signInLog?.failed({ method, ip }, resultOf(error, method));
    throw error;
  }
}

function resultOf({ code }: Refused, method: SignInMethod): Exclude<SignInResult, "success"> {
  if (code === "rate_limited" || code === "unavailable") return "limited";
  // Whoever comes without any proof is told the same.
  const isWrong = code === "wrong_password" || code === "unauthorized" && method === "passkey";
  return isWrong ? "wrong" : "refused";
}
