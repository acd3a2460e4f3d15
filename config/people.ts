/**
 * The part of the configuration that says who may enter and how they prove who they are: the values of
 * {@linkcode PEOPLE_FLAGS}, with the secrets read from their files.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import type { Values } from "./flags.ts";
import type { PEOPLE_FLAGS } from "./people_flags.ts";
import type { Secret } from "./secret.ts";
import { readSecretFile, type Warn } from "./secret_file.ts";

type PeopleValues = Omit<Values<typeof PEOPLE_FLAGS>, "apiToken">;

/** Whose tokens are accepted from an embedding application. At least one of `secret` and `jwksUrl` is there. */
export interface JwtConfig {
  /** Verifies tokens of HS256; at least 32 bytes. */
  readonly secret?: Secret;
  /** Where the public keys are, a JSON Web Key Set (RFC 7517 §5). */
  readonly jwksUrl?: string;
  /** What `iss` must be; absent: anything. */
  readonly issuer?: string;
  /** What `aud` must contain; absent: anything. */
  readonly audience?: string;
}

/** The OpenID Connect provider that people may sign in with. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which proves itself by PKCE alone. */
  readonly clientSecret?: Secret;
}

/** Who may enter, and how they prove who they are. */
export interface PeopleConfig {
  /** `open`: anybody, as a guest; `members`: only who signs in. */
  readonly access: PeopleValues["access"];
  /** Who may become a member. */
  readonly register: NonNullable<PeopleValues["register"]>;
  /** How long the name of a remembered guest is held after it was last seen, in milliseconds. */
  readonly holdNames: number;
  /** What everybody has to know to enter as a guest. */
  readonly password?: Secret;
  readonly jwt?: JwtConfig;
  readonly oidc?: OidcConfig;
  /** Where people reach the server: `http:` or `https:`, ends in `/`. Absent: where a request came to. */
  readonly publicUrl?: string;
}

/** Shortest secret of HS256, in bytes (RFC 7518 §3.2: as long as the hash). */
const MIN_JWT_SECRET_BYTES = 32;

/**
 * Checks the flags against each other and reads the files that they name.
 *
 * @param warn takes what is allowed and yet probably a mistake
 * @throws {UsageError} if flags contradict each other, or a file cannot be used
 */
export function peopleConfig(flags: PeopleValues, warn: Warn): PeopleConfig {
  const { access, holdNames, passwordFile, publicUrl } = flags;
  const jwt = jwtConfig(flags, warn);
  const oidc = oidcConfig(flags, warn);
  if (passwordFile !== undefined && access === "members") {
    throw new UsageError(
      "Cannot use --password-file with --access members: the password lets guests in, and there are " +
        "none; leave one of the two out",
    );
  }
  return {
    access,
    register: flags.register ?? (access === "members" ? "invite" : "open"),
    holdNames,
    ...(passwordFile !== undefined &&
      { password: readSecretFile("--password-file", passwordFile, warn) }),
    ...(jwt !== undefined && { jwt }),
    ...(oidc !== undefined && { oidc }),
    ...(publicUrl !== undefined && { publicUrl }),
  };
}

function jwtConfig(flags: PeopleValues, warn: Warn): JwtConfig | undefined {
  const { jwtSecretFile, jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = flags;
  if (jwtSecretFile === undefined && jwksUrl === undefined) {
    if (issuer === undefined && audience === undefined) return undefined;
    throw new UsageError(
      `Cannot use ${issuer === undefined ? "--jwt-audience" : "--jwt-issuer"} alone: no token is ` +
        "accepted without a key to verify it; add --jwt-secret-file or --jwks-url",
    );
  }
  if (jwksUrl !== undefined && audience === undefined) {
    warn(
      "--jwks-url without --jwt-audience accepts the tokens that its owner makes for any application: " +
        "set --jwt-audience",
    );
  }
  return {
    ...(jwtSecretFile !== undefined && { secret: readJwtSecret(jwtSecretFile, warn) }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
}

function readJwtSecret(path: string, warn: Warn): Secret {
  const secret = readSecretFile("--jwt-secret-file", path, warn);
  const { length } = new TextEncoder().encode(secret.reveal());
  if (length >= MIN_JWT_SECRET_BYTES) return secret;
  throw new UsageError(
    `Cannot use --jwt-secret-file: the secret must have at least ${MIN_JWT_SECRET_BYTES} bytes, ` +
      `received ${length}; make one with openssl rand -hex 32`,
  );
}

function oidcConfig(flags: PeopleValues, warn: Warn): OidcConfig | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecretFile } = flags;
  if (issuer === undefined) {
    if (clientId === undefined && oidcClientSecretFile === undefined) return undefined;
    const flag = clientId === undefined ? "--oidc-client-secret-file" : "--oidc-client-id";
    throw new UsageError(`Cannot use ${flag} alone: name the provider with --oidc-issuer`);
  }
  if (clientId === undefined) {
    throw new UsageError(
      "Cannot use --oidc-issuer alone: say what this server is called there with --oidc-client-id",
    );
  }
  return {
    issuer,
    clientId,
    ...(oidcClientSecretFile !== undefined && {
      clientSecret: readSecretFile("--oidc-client-secret-file", oidcClientSecretFile, warn),
    }),
  };
}
