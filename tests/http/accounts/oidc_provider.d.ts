/** The part of `oidc-provider` that the tests use; it comes without types. */
import type { RequestListener } from "node:http";

/** What the provider says about a user. */
interface Account {
  accountId: string;
  claims(): Record<string, unknown>;
}

export interface ProviderOptions {
  clients: Record<string, unknown>[];
  claims: Record<string, string[]>;
  /** Seconds. */
  ttl: Record<string, number>;
  cookies: { keys: string[] };
  findAccount(context: unknown, id: string): Account;
}

/** An OpenID provider. */
export class Provider {
  constructor(issuer: string, options: ProviderOptions);
  callback(): RequestListener;
}
