/**
 * What the routes about accounts work with. Types only.
 *
 * @module
 */
import type { Accounts, Forget, Register } from "../../people/accounts.ts";
import type { Invites } from "../../people/invites.ts";
import type { Sessions } from "../../people/sessions.ts";
import type { SignInLimit } from "../../people/sign_in_limit.ts";
import type { SignInRecord } from "./sign_in_record.ts";

/** How one may enter, as every page is told. */
export interface SignInSettings {
  readonly access: "open" | "members";
  readonly register: Register;
  /** Whether there is an OpenID Connect provider to sign in with. */
  readonly oidc: boolean;
  readonly passkeys: boolean;
  /** Whether guests need the server's shared password. */
  readonly password: boolean;
}

/** What the routes need. */
export interface AccountRouteServices extends SignInRecord {
  readonly accounts: Accounts;
  readonly invites: Invites;
  readonly sessions: Sessions;
  readonly settings: SignInSettings;
  /** Counts the sign-ins that begin. */
  readonly signIns: SignInLimit;
  /** Refuses requests that pages of other sites make, by throwing a problem. */
  checkSite(request: Request): void;
  /** Called before a user is removed. */
  readonly forget: Forget;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}
