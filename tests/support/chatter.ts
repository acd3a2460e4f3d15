/**
 * Somebody who speaks `hubbub.v1` to a real server, message by message.
 *
 * @module
 */
import { decodeFrame, LINES, type ServerMessage, type UserMessage } from "../../protocol.ts";
import { DEADLINE, within } from "./within.ts";
import { WsClient } from "./ws_client.ts";

/** A connection, read message by message. Closes at the end of its scope. */
export class Chatter implements AsyncDisposable {
  readonly socket: WsClient;
  /** Proves who this is: what the handshake gave, then what the login answered; empty before. */
  session = "";
  /** The id of the user that it is; empty before a login was answered. */
  user = "";
  #waiting: ServerMessage[] = [];

  private constructor(socket: WsClient) {
    this.socket = socket;
  }

  /**
   * @param with.credential a session or a token, to open the connection with
   * @param with.headers further headers of the handshake, such as a cookie
   */
  static async connect(
    url: string,
    { credential, headers = {} }: {
      credential?: string;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Chatter> {
    const further = credential === undefined ? [] : [`bearer.${credential}`];
    return new Chatter(await WsClient.openWith(headers, url, LINES, ...further));
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

  /** Says something; resolves to the message as everybody sees it. */
  async say(content: string, room = "lobby"): Promise<UserMessage> {
    const id = crypto.randomUUID();
    await this.send({ type: "user", room, content, id });
    return await this.next("user", (message) => message.id === id);
  }

  /**
   * The next message, whatever it is.
   *
   * @throws {Error} if the connection has ended instead
   */
  async message(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message?.type === "handshake" || message?.type === "login") {
        this.session = message.session ?? this.session;
        this.user = message.user?.id ?? this.user;
      }
      if (message !== undefined) return message;
      this.#waiting = decodeFrame(await this.socket.text());
    }
  }

  /** The next message of a type that fits; those before it are passed over. */
  next<T extends ServerMessage["type"]>(
    type: T,
    fits: (message: ServerMessage & { type: T }) => boolean = () => true,
  ): Promise<ServerMessage & { type: T }> {
    const isWanted = (message: ServerMessage): message is ServerMessage & { type: T } =>
      message.type === type && fits(message as ServerMessage & { type: T });
    const passed: string[] = [];
    const found = async () => {
      for (;;) {
        const message = await this.message();
        if (isWanted(message)) return message;
        passed.push(message.type);
      }
    };
    const what = () => `"${type}" from ${this.socket}, after ${passed.slice(-20)}`;
    return within(DEADLINE, what, found());
  }

  /** Sends a request and waits for whatever answers it: its event, its answer or an error. */
  async ask(request: object): Promise<ServerMessage> {
    const id = crypto.randomUUID();
    await this.send({ ...request, id });
    const answered = async () => {
      for (;;) {
        const message = await this.message();
        if ("id" in message && message.id === id) return message;
      }
    };
    return await within(DEADLINE, () => `an answer from ${this.socket}`, answered());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.socket[Symbol.asyncDispose]();
  }
}
