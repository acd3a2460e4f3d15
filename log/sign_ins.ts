/**
 * Who signs in, where the operator sees it: each attempt is counted by how it ended. Those of members and
 * admins that succeed are logged here; those that fail are refused requests, and logged like all of these. A
 * sign-in with a provider is told here too: it ends with a redirect, which looks like none.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Metrics } from "../metrics/metrics.ts";
import type { RefusalReason, Refusals } from "./refusals.ts";

const logger = getLogger(["hubbub", "people"]);

/**
 * How a sign-in ended: `wrong` proves nothing, `limited` is told to wait, `refused` is all else, such as a name
 * that is taken.
 */
const RESULTS = ["success", "wrong", "limited", "refused"] as const;

/** One of them. */
export type SignInResult = (typeof RESULTS)[number];

/** What a sign-in that failed is as a refusal. */
const REASONS = {
  wrong: "unauthorized",
  limited: "sign_in_rate",
  refused: "forbidden",
} as const satisfies Readonly<Record<Exclude<SignInResult, "success">, RefusalReason>>;

/** How somebody proves who they are. */
export type SignInMethod =
  | "guest"
  | "password"
  | "invitation"
  | "registration"
  | "passkey"
  | "oidc";

/** A sign-in that has ended. */
export interface SignIn {
  readonly method: SignInMethod;
  /** The client's address; may be empty. */
  readonly ip: string;
}

/** Counts and logs sign-ins. */
export class SignInLog {
  readonly #refusals: Refusals;
  readonly #counts = new Map<string, number>(RESULTS.map((result) => [result, 0]));

  constructor(metrics: Metrics, refusals: Refusals) {
    this.#refusals = refusals;
    metrics.register({
      name: "hubbub_sign_ins_total",
      help: "Sign-ins over HTTP, by how they ended",
      type: "counter",
      label: "result",
      values: RESULTS,
      read: () => this.#counts,
    });
  }

  succeeded({ method, ip }: SignIn, { id, role }: { id: string; role: string }): void {
    this.#count("success");
    const properties = { user: id, role, method, ip };
    if (role === "guest") logger.debug("Guest {user} entered", properties);
    else logger.info("User {user} signed in", properties);
  }

  /** @param reason what the operator is told of a sign-in with a provider; default: as the result says */
  failed(
    { method, ip }: SignIn,
    result: keyof typeof REASONS,
    reason: RefusalReason = REASONS[result],
  ): void {
    this.#count(result);
    if (method !== "oidc") return;
    this.#refusals.note({ reason, ip, detail: "sign-in with the provider" });
  }

  #count(result: SignInResult): void {
    this.#counts.set(result, (this.#counts.get(result) ?? 0) + 1);
  }
}
