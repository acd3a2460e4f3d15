/**
 * Coming in: the login, and the rooms after it.
 *
 * @module
 */
import { LOBBY } from "../../protocol/wire.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */

/**
 * Asks for the name. The first room goes with the login; the others are entered when it is
 * accepted.
 *
 * @param {Chat} chat
 */
export function sendLogin(chat) {
  const rooms = [...chat.conversations.values()].filter(({ kind }) => kind === "room");
  const first = rooms.find(({ key }) => key === chat.current) ?? rooms[0] ?? chat.add(LOBBY);
  chat.loginId = chat.newId();
  chat.connection.send({
    type: "login",
    content: chat.me,
    id: chat.loginId,
    ...entrance(chat, first),
    ...(chat.lastSession === "" ? {} : { session: chat.lastSession }),
  });
}

/**
 * The login was accepted: enters the other rooms and sends what waits.
 *
 * @param {Chat} chat
 */
export function enterAll(chat) {
  chat.loginId = "";
  chat.loginProblem = "";
  chat.lastSession = chat.session;
  chat.myNames.add(chat.me);
  chat.memory.identity = { name: chat.me, session: chat.session, epoch: chat.epoch };
  chat.connection.loggedIn();
  for (const conversation of chat.conversations.values()) enterRoom(chat, conversation);
  chat.flush();
  chat.uploads.advance();
  chat.askRooms();
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export function enterRoom(chat, conversation) {
  if (conversation.kind === "direct" || conversation.joined) return;
  chat.ask({ type: "join", ...entrance(chat, conversation) });
}

/**
 * A room and, if something of it is known, where to go on.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
function entrance(chat, { key, log }) {
  return log.live < 0 ? { room: key } : { room: key, since: log.live, epoch: chat.epoch };
}
