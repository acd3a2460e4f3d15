/**
 * The chat on a terminal: ties the keyboard, the state, the screen and the connection together, and
 * leaves the terminal as it was, whatever happens.
 *
 * @module
 */
import { type ErrorMessage, LOBBY } from "../../protocol.ts";
import type { ConnectionState, HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { nextName } from "../default_name.ts";
import { type ClientOptions, createClient, stopReason } from "../client.ts";
import type { ActionContext } from "./action.ts";
import { act } from "./actions.ts";
import { Editor } from "./editor.ts";
import { type Input, KeySorter } from "./keys.ts";
import { completePath } from "./paths.ts";
import { harmlessLine } from "../../text/harmless.ts";
import { Screen } from "./screen.ts";
import { complete, readLine } from "./slash.ts";
import { ChatState } from "./state.ts";
import { createStyle } from "./style.ts";
import { drawView, logHeight, scroll, type ViewState } from "./view.ts";

/** Between two pictures at least, in milliseconds: a flood is shown as it stands, not as it came. */
const FRAME_MS = 16;

/** Between two notices that the user is typing at least, in milliseconds. */
const TYPING_MS = 3000;

/** Between two looks at what changes by itself, such as who is typing, in milliseconds. */
const TICK_MS = 1000;

/** Messages in a page of history. */
const PAGE = 100;

/** What a terminal is, as far as the chat is concerned. */
export interface Terminal {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: { writeSync(bytes: Uint8Array): number };
  size(): { columns: number; rows: number };
  setRaw(raw: boolean): void;
  /** Calls `run` at each change of size. Returns what ends that. */
  onResize(run: () => void): () => void;
  readonly colors: boolean;
}

export interface TerminalOptions extends ClientOptions {
  /** The name was not chosen: if it is taken, another will do. */
  readonly mayChangeName: boolean;
  /** Ends the chat from outside. */
  readonly signal: AbortSignal;
}

/** How a chat ended, told below where it was. */
export interface Ending {
  readonly exitCode: number;
  readonly text: string;
}

/** Chats until the user or the server has enough. */
export async function chatOnTerminal(
  terminal: Terminal,
  options: TerminalOptions,
): Promise<Ending> {
  const chat = new TerminalChat(terminal, options);
  try {
    terminal.setRaw(true);
    return await chat.run();
  } finally {
    chat.leave();
    terminal.setRaw(false);
  }
}

class TerminalChat {
  readonly #terminal: Terminal;
  readonly #options: TerminalOptions;
  readonly #screen: Screen;
  readonly #state: ChatState;
  readonly #client: HubbubClient;
  readonly #editor: Editor;
  readonly #context: ActionContext;
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #uploads = new AbortController();
  #status = "";
  /** The server refused the name: there is no login until the user gives another one. */
  #needsName = false;
  #hint = "";
  #frame: ReturnType<typeof setTimeout> | undefined;
  #paintedAt = 0;
  #typedAt = 0;

  constructor(terminal: Terminal, options: TerminalOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#screen = new Screen(terminal.output);
    this.#client = createClient(options, { memberships: true });
    this.#state = new ChatState(this.#client, options.room, Date.now);
    for (const room of this.#client.rooms) this.#state.room(room);
    this.#state.onCall = () => this.#screen.bell();
    this.#state.onOpen = ({ name }) => void this.#client.direct(name).catch(() => {});
    // The answer tells the client the name.
    this.#state.onMeet = ({ name }) =>
      void this.#client.users(name).then(() => this.#changed(), () => {});
    this.#listen();
    this.#editor = new Editor({
      changed: () => this.#typed(),
      entered: (line) => this.#entered(line),
      quit: () => this.#quit(),
      key: (name, meta) => this.#key(name, meta),
      complete: (line) =>
        complete(line, {
          rooms: this.#state.rooms.map(({ name }) => this.#titleOf(name).replace(/^#/, "")),
          names: this.#names(),
          paths: completePath,
        }),
    });
    this.#context = {
      client: this.#client,
      state: this.#state,
      base: options.url.base,
      showHint: (text) => this.#hint = text,
      clear: () => this.#screen.invalidate(),
      quit: () => this.#quit(),
      changed: () => this.#changed(),
      signal: this.#uploads.signal,
    };
  }

  #listen(): void {
    const client = this.#client;
    client.on("event", (message) => {
      this.#state.apply(message);
      if (message.type === "history" && message.id === undefined) this.#state.showed(message.room);
      this.#changed();
    });
    client.on("restart", ({ room }) => this.#state.restart(room));
    client.on("changed", (changed) => {
      this.#state.changed(changed);
      this.#changed();
    });
    client.on("message", (message, about) => {
      this.#state.received(message, about);
      this.#changed();
    });
    client.on("status", (state) => this.#statusChanged(state));
    client.on("refused", (error) => this.#refused(error));
    client.on("join-refused", ({ room, error }) => this.#joinRefused(room, error));
    client.on("session-ended", () => this.#sessionEnded());
  }

  async run(): Promise<Ending> {
    this.#screen.enter();
    const stopResizing = this.#terminal.onResize(() => {
      this.#screen.invalidate();
      this.#changed();
    });
    const tick = setInterval(() => this.#changed(), TICK_MS);
    const quit = () => this.#quit();
    this.#options.signal.addEventListener("abort", quit);
    const reader = this.#terminal.input.getReader();
    this.#client.start();
    this.#read(reader).catch(() => this.#quit());
    try {
      return await this.#ended.promise;
    } finally {
      this.#options.signal.removeEventListener("abort", quit);
      clearInterval(tick);
      clearTimeout(this.#frame);
      stopResizing();
      this.#uploads.abort();
      this.#editor.close();
      await reader.cancel().catch(() => {});
    }
  }

  leave(): void {
    this.#screen.leave();
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const sorter = new KeySorter();
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      for (const input of sorter.push(decoder.decode(value, { stream: true }))) this.#take(input);
    }
    this.#quit();
  }

  #take(input: Input): void {
    if (input.kind === "focus") {
      this.#state.focused = input.focused;
      this.#changed();
    } else {
      this.#state.attend();
      this.#editor.type(input.text);
    }
  }

  #typed(): void {
    const { line, candidates } = this.#editor;
    this.#hint = candidates.map((candidate) => candidate.trim()).join("  ") || this.#progress();
    const now = Date.now();
    if (line !== "" && !line.startsWith("/") && now - this.#typedAt > TYPING_MS) {
      this.#typedAt = now;
      this.#client.typing(this.#state.current.name);
    }
    this.#changed();
  }

  /** What is shown of an upload stays while the user types. */
  #progress(): string {
    return this.#hint.includes("%") ? this.#hint : "";
  }

  #entered(line: string): void {
    const { current } = this.#state;
    current.bottom = undefined;
    this.#state.attend();
    current.tidy();
    this.#typedAt = 0;
    if (line.trim() !== "") act(readLine(line), this.#context);
    this.#state.attend();
    this.#changed();
  }

  #key(name: string, meta: boolean): void {
    if (name === "pageup" || name === "pagedown") return this.#scroll(name === "pageup" ? 1 : -1);
    const room = meta && /^[1-9]$/.test(name) ? this.#state.rooms[Number(name) - 1] : undefined;
    if (room !== undefined) this.#state.turnTo(room.name);
  }

  #scroll(pages: number): void {
    const height = logHeight(this.#terminal.size().rows);
    const reachedTop = scroll(this.#view(), pages * Math.max(1, height - 2), height);
    const { current } = this.#state;
    this.#state.attend();
    if (!reachedTop || current.isComplete || current.isLoading || current.first === undefined) {
      return;
    }
    current.isLoading = true;
    const { name: room, first: { seq: before } } = current;
    this.#client.ask({ type: "history", room, before, limit: PAGE }).then(
      (page) => this.#state.apply(page),
      () => current.isLoading = false,
    ).then(() => this.#changed());
  }

  #statusChanged(state: ConnectionState): void {
    const { phase, retryAt, since, reason } = state;
    switch (phase) {
      case "connecting":
      case "open":
        this.#status = this.#needsName ? "not logged in" : "connecting …";
        break;
      case "online":
        this.#status = "";
        this.#needsName = false;
        this.#learnNames();
        break;
      case "waiting": {
        const seconds = Math.ceil((retryAt - since) / 1000);
        this.#status = `offline, again in ${seconds} s (${reason || "the connection broke"})`;
        break;
      }
      case "stopped":
        return this.#over(state);
    }
    this.#changed();
  }

  /** Somebody may be called differently since the connection broke: the answer tells the client. */
  #learnNames(): void {
    const { name } = this.#state.current;
    this.#client.users(name, { all: true }).then(() => this.#changed(), () => {});
  }

  #refused({ code, content }: ErrorMessage): void {
    const { name } = this.#client;
    if (code === "name_taken" && this.#options.mayChangeName) {
      return this.#client.login(nextName(name));
    }
    this.#needsName = true;
    this.#status = "not logged in";
    this.#state.note(`${harmlessLine(content)}: choose a name with /nick NAME`, true);
    this.#changed();
  }

  #joinRefused(room: string, error: RefusedError): void {
    const { rooms } = this.#state;
    if (rooms.length === 1 && room !== LOBBY) {
      this.#client.join(LOBBY).catch(() => {});
      this.#state.turnTo(LOBBY);
    }
    this.#state.forget(room);
    const title = harmlessLine(this.#state.titleOf(room));
    this.#state.note(`${title}: ${harmlessLine(error.message)}`, true);
    this.#changed();
  }

  /** A guest goes on as another one, to whom nothing of before belongs. */
  #sessionEnded(): void {
    if (this.#client.isSignedOut) return;
    this.#state.note("Your session has ended: you are a new guest", true);
  }

  #over({ code, reason }: ConnectionState): void {
    const left = this.#client.queue.size;
    const why = harmlessLine(stopReason({ code, reason }, this.#options));
    const unsaid = left === 0 ? "" : `; ${left} of what you said did not get through`;
    this.#ended.resolve(
      code === 1000
        ? { exitCode: left === 0 ? 0 : 1, text: unsaid.replace(/^; /, "") }
        : { exitCode: 1, text: `${why}${unsaid}` },
    );
  }

  #titleOf(room: string): string {
    return this.#state.titleOf(room);
  }

  /** Who is here, and with whom the user has talked. */
  #names(): string[] {
    const { current, rooms } = this.#state;
    const others = rooms.filter(({ isDirect }) => isDirect);
    const talked = others.map(({ name }) => this.#titleOf(name).slice(1));
    return [...new Set([...current.users, ...talked])];
  }

  #quit(): void {
    this.#status = "goodbye …";
    this.#paint();
    this.#client.close();
  }

  /** Paints soon, once for all that changes until then. */
  #changed(): void {
    if (this.#frame !== undefined) return;
    const wait = Math.max(0, this.#paintedAt + FRAME_MS - Date.now());
    this.#frame = setTimeout(() => this.#paint(), wait);
  }

  #paint(): void {
    clearTimeout(this.#frame);
    this.#frame = undefined;
    this.#paintedAt = Date.now();
    this.#screen.paint(drawView(this.#view()));
  }

  #view(): ViewState {
    const { columns, rows } = this.#terminal.size();
    const { current, rooms } = this.#state;
    return {
      width: Math.max(1, columns),
      height: Math.max(1, rows),
      style: createStyle(this.#terminal.colors),
      name: this.#client.name,
      user: this.#client.user?.id,
      nameOf: (id, fallback) => this.#client.nameOf(id, fallback),
      titleOf: (room) => this.#titleOf(room),
      base: this.#options.url.base,
      room: current,
      others: rooms.filter((room) => room !== current),
      status: this.#status,
      hint: this.#hint,
      line: this.#editor.line,
      cursor: this.#editor.cursor,
      now: Date.now(),
    };
  }
}
