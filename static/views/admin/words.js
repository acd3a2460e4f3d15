/**
 * The words of the administration, which is loaded only for admins.
 *
 * @module
 */

const en = {
  administration: "Administration",
  connections: "Connections",
  users: "Users",
  rooms: "Rooms",
  bans: "Bans, mutes, closed rooms",
  audit: "What admins did",
  announce: "Tell everybody",
  announcement: "Announcement",
  announced: "Everybody who is connected was told.",
  none: "There is nothing here.",
  more: "More",
  find: "Find",
  ban_stranger: "Ban a name or an address",
  ban_what: "What is banned",
  ban_name: "Name",
  ban_network: "Address or network",
  value: "Value",
  maintenance: "Maintenance",
  drain_note:
    "Clients connect to another server, or to this one once it lets people in again. Nobody is cut off in the middle of anything.",
  drain: "Send everybody away",
  drained: "Clients are leaving now, and nobody new gets in.",
  end_drain: "Let people in again",
  drain_ended: "People get in again.",
  everybody: "everybody",
  kick: "Kick",
  mute: "Mute",
  ban: "Ban",
  ban_address: "Ban address",
  close: "Close",
  lift: "Lift",
  delete_all: "Delete all they said",
  act: "Do it",
  duration: "For how long",
  reason: "Reason",
  ten_minutes: "10 minutes",
  hour: "An hour",
  day: "A day",
  week: "A week",
  for_ever: "Until lifted",
  nobody: "not logged in",
  online: "connections: {count}",
  messages: "messages: {count}",
  private: "private",
  closed: "closed",
  disabled: "disabled",
  until: "until {time}",
  kicked: "Connections closed: {count}",
  deleted: "Messages deleted: {count}",
  imposed: "It holds now: {label}",
  lifted: "It does not hold any more.",
  question: "{act}: {whom}",
  bot: "Bot",
  act_delete: "Delete",
  act_disable: "Disable",
  act_enable: "Enable",
  act_role: "Change role",
  act_end_sessions: "End sessions",
  act_remove: "Remove",
  act_invite: "Invite",
  act_revoke: "Revoke invitation",
};

/** @type {typeof en} */
const zh = {
  administration: "管理",
  connections: "连接",
  users: "用户",
  rooms: "房间",
  bans: "封禁、禁言、已关闭的房间",
  audit: "管理记录",
  announce: "通知所有人",
  announcement: "通知内容",
  announced: "已通知所有在线的人。",
  none: "这里什么都没有。",
  more: "更多",
  find: "查找",
  ban_stranger: "封禁名称或地址",
  ban_what: "封禁对象",
  ban_name: "名称",
  ban_network: "地址或网段",
  value: "值",
  maintenance: "维护",
  drain_note: "客户端会连接到另一台服务器，或在此服务器重新开放后连回。没有人会在操作中途被切断。",
  drain: "让所有人离开",
  drained: "客户端正在离开，新的连接不会被接受。",
  end_drain: "重新开放",
  drain_ended: "现在可以重新连接了。",
  everybody: "所有人",
  kick: "断开",
  mute: "禁言",
  ban: "封禁",
  ban_address: "封禁地址",
  close: "关闭",
  lift: "解除",
  delete_all: "删除其全部消息",
  act: "执行",
  duration: "时长",
  reason: "原因",
  ten_minutes: "10 分钟",
  hour: "1 小时",
  day: "1 天",
  week: "1 周",
  for_ever: "直到解除",
  nobody: "未登录",
  online: "连接：{count}",
  messages: "消息：{count}",
  private: "私密",
  closed: "已关闭",
  disabled: "已停用",
  until: "至 {time}",
  kicked: "已断开的连接：{count}",
  deleted: "已删除的消息：{count}",
  imposed: "已生效：{label}",
  lifted: "已解除。",
  question: "{act}：{whom}",
  bot: "机器人",
  act_delete: "删除",
  act_disable: "停用",
  act_enable: "启用",
  act_role: "更改角色",
  act_end_sessions: "结束会话",
  act_remove: "移除",
  act_invite: "邀请",
  act_revoke: "撤销邀请",
};

/** @typedef {keyof typeof en} AdminKey */

/** Acts, by their names in the audit log. @type {ReadonlyMap<string, AdminKey>} */
const ACTS = new Map([
  ["announce", "announce"],
  ["ban", "ban"],
  ["close", "close"],
  ["delete", "act_delete"],
  ["drain", "drain"],
  ["end drain", "end_drain"],
  ["kick", "kick"],
  ["lift", "lift"],
  ["mute", "mute"],
  // Those of the command line.
  ["disable", "act_disable"],
  ["enable", "act_enable"],
  ["role", "act_role"],
  ["end-sessions", "act_end_sessions"],
  ["remove", "act_remove"],
  ["invite", "act_invite"],
  ["revoke invitation", "act_revoke"],
]);

/**
 * The words in the reader's language.
 *
 * @param {import("../../logic/i18n.js").Speech} speech
 */
export function adminWords({ code }) {
  const words = code.startsWith("zh") ? zh : en;
  /**
   * @param {AdminKey} key
   * @param {Record<string, string | number>} [values]
   */
  return (key, values = {}) =>
    words[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * What an entry of the audit log tells, with whom or what it was done to.
 *
 * @param {ReturnType<typeof adminWords>} say
 * @param {{ act: string, target: string }} entry
 */
export function describeAct(say, { act, target }) {
  const key = ACTS.get(act);
  const words = key === undefined ? act : say(key);
  return target === "" ? words : say("question", { act: words, whom: target });
}
