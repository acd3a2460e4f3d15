/**
 * What a `User-Agent` says, for people who look at a list of their devices.
 *
 * @module
 */

/** The first that is found names the program: most browsers also claim to be others. */
const PROGRAMS = [
  ["Edg", "Edge"],
  ["OPR/", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Firefox/", "Firefox"],
  ["FxiOS", "Firefox"],
  ["Chrome/", "Chrome"],
  ["CriOS", "Chrome"],
  ["Safari/", "Safari"],
];

/** Likewise: Android is a Linux, and iPads say "Mac OS X". */
const SYSTEMS = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["CrOS", "ChromeOS"],
  ["Windows", "Windows"],
  ["Mac OS X", "macOS"],
  ["Linux", "Linux"],
];

/**
 * Names the program and the system, as in "Firefox · Windows". Empty if nothing is known.
 *
 * @param {string} agent
 */
export function describeAgent(agent) {
  const found = [PROGRAMS, SYSTEMS].flatMap((table) => {
    const [, name] = table.find(([sign = ""]) => agent.includes(sign)) ?? [];
    return name === undefined ? [] : [name];
  });
  if (found.length > 0) return found.join(" · ");
  const [product = ""] = /^[^\s/]{1,40}/.exec(agent) ?? [];
  return product;
}
