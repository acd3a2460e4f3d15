/**
 * A connection with nothing around it: its host records requests and does nothing else.
 *
 * @module
 */
import { Connection, type ConnectionHost, type ConnectionLimits } from "../../client.ts";
import { allowancesOf } from "../../client/allowances.ts";
import type { AllowanceLimits } from "../../limits/allowances.ts";
import { RetryLoop } from "../../client/outgoing.ts";
import { ANONYMOUS } from "../../people/principal.ts";
import {
  type ClientRequest,
  type Codec,
  codecOf,
  decodeFrame,
  type ErrorMessage,
  LINES,
  type ServerMessage,
} from "../../protocol.ts";
import { FakeSocket } from "./fake_socket.ts";

/** What a harness may be told. */
export interface ConnectionHarnessOptions extends Partial<ConnectionLimits & AllowanceLimits> {
  plain?: boolean;
  /** Default: that of programs. */
  codec?: Codec;
}

/** A client, its socket, its host and its clock. */
export class ConnectionHarness implements ConnectionHost {
  readonly socket = new FakeSocket();
  readonly connection: Connection;
  /** What came through to the host. */
  readonly requests: ClientRequest[] = [];
  readonly ends: { code: number; reason: string }[] = [];
  readonly uploads: Uint8Array[] = [];
  /** Why something was refused before it became a request. */
  readonly refusals: string[] = [];
  /** As if the host were busy. */
  full = false;
  /** Why uploads are refused. */
  uploadProblem: ErrorMessage | undefined;
  now = 1000;

  constructor({ plain = false, codec, ...options }: ConnectionHarnessOptions = {}) {
    const limits = { maxMessage: 1024, maxQueue: 1024 * 1024, rate: 0, burst: 40, ...options };
    const now = () => this.now;
    this.connection = new Connection(this.socket, {
      number: 1,
      session: "session-1",
      ip: "192.0.2.1",
      agent: "test",
      codec: codec ?? codecOf(plain ? undefined : LINES),
      principal: ANONYMOUS,
    }, {
      host: this,
      limits,
      allowance: allowancesOf(limits, now).ofConnection("192.0.2.1"),
      maxUpload: 0,
      retryLoop: new RetryLoop(),
      now,
    });
    this.socket.listen(this.connection);
  }

  request(_connection: Connection, request: ClientRequest): boolean {
    if (!this.full) this.requests.push(request);
    return !this.full;
  }

  upload(_connection: Connection, frame: Uint8Array): ErrorMessage | undefined {
    this.uploads.push(frame);
    return this.uploadProblem;
  }

  refused(_connection: Connection, reason: string): void {
    this.refusals.push(reason);
  }

  disconnected(connection: Connection, code: number, reason: string): void {
    this.ends.push({ code, reason });
    connection.close(code, reason);
  }

  /** All that went out, as messages; forgets it. */
  take(): ServerMessage[] {
    return this.socket.sent.splice(0).flatMap((frame) => decodeFrame(String(frame)));
  }
}
