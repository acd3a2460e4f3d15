/**
 * Somebody who speaks `hubbub.v1` to a real server, message by message.
 *
 * @module
 */
import { decodeFrame, LINES, type ServerMessage } from "../../protocol.ts";
import { WsClient } from "./ws_client.ts";

/** A connection, read message by message. Closes at the end of its scope. */
export class Chatter implements AsyncDisposable {
  readonly socket: WsClient;
  #waiting: ServerMessage[] = [];

  private constructor(socket: WsClient) {
    this.socket = socket;
  }

  static async connect(url: string): Promise<Chatter> {
    return new Chatter(await WsClient.open(url, LINES));
  }

  /** Connects and logs in; resolves when the login has been answered. */
  static async enter(url: string, name: string, login: object = {}): Promise<Chatter> {
    const chatter = await Chatter.connect(url);
    await chatter.send({ type: "login", content: name, ...login });
    await chatter.next("login", (message) => message.content === name);
    return chatter;
  }

  /** Sends requests in one frame. */
  send(...requests: object[]): Promise<void> {
    return this.socket.send(requests.map((request) => JSON.stringify(request)).join("\n"));
  }

  /**
   * The next message, whatever it is.
   *
   * @throws {Error} if the connection has ended instead
   */
  async message(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) return message;
      this.#waiting = decodeFrame(await this.socket.text());
    }
  }

  /** The next message of a type that fits; those before it are passed over. */
  async next<T extends ServerMessage["type"]>(
    type: T,
    fits: (message: ServerMessage & { type: T }) => boolean = () => true,
  ): Promise<ServerMessage & { type: T }> {
    const isWanted = (message: ServerMessage): message is ServerMessage & { type: T } =>
      message.type === type && fits(message as ServerMessage & { type: T });
    for (;;) {
      const message = await this.message();
      if (isWanted(message)) return message;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.socket[Symbol.asyncDispose]();
  }
}
