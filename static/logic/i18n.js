/**
 * Internationalization: texts, plurals, dates and sizes in the reader's language. Texts come from one
 * file for each language in `lang/`; numbers, plurals and dates from `Intl`.
 *
 * @module
 */
/** @typedef {typeof import("../lang/en.js").default} Messages */
/** @typedef {keyof Messages} MessageKey */
/** @typedef {string | { one?: string, other: string }} MessageText */
/** @typedef {Record<MessageKey, MessageText>} Translation */

/**
 * The supported languages: code → its own name. To add one, add a file to `lang/` and a line here.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const LANGUAGES = { "en": "English", "zh-CN": "中文（简体）" };

/**
 * Picks the first of the reader's languages that the page supports, or else English.
 *
 * @param {readonly string[]} wanted language tags (BCP 47), best first
 * @returns {string} a key of {@linkcode LANGUAGES}
 */
export function pickLanguage(wanted) {
  const codes = Object.keys(LANGUAGES);
  for (const tag of wanted) {
    const exact = codes.find((code) => code.toLowerCase() === tag.toLowerCase());
    const base = tag.split("-")[0]?.toLowerCase();
    const found = exact ?? codes.find((code) => code.split("-")[0] === base);
    if (found) return found;
  }
  return "en";
}

/** Formats texts, numbers and dates in one language. */
export class Speech {
  #messages;
  #plural;
  #number;
  #cache = new Map();

  /**
   * @param {string} code
   * @param {Translation} messages
   */
  constructor(code, messages) {
    this.code = code;
    this.#messages = messages;
    this.#plural = new Intl.PluralRules(code);
    this.#number = new Intl.NumberFormat(code);
  }

  /**
   * Formats a text of the page. `{name}` is replaced by the value of that name, isolated so that its
   * writing direction does not affect the text around it; `count` selects the plural form.
   *
   * @param {MessageKey} key
   * @param {Record<string, string | number>} [values]
   * @returns {string}
   */
  say(key, values = {}) {
    const text = this.#messages[key];
    const form = typeof text === "string" ? text : this.#form(text, Number(values["count"] ?? 0));
    return form.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? this.#number.format(value) : isolated(value);
    });
  }

  /** @param {number} number */
  number(number) {
    return this.#number.format(number);
  }

  /**
   * The time of day.
   *
   * @param {number} time milliseconds since 1970
   */
  clock(time) {
    return this.#date({ hour: "2-digit", minute: "2-digit" }).format(time);
  }

  /**
   * The time of day without "AM" and "PM", where there is little room.
   *
   * @param {number} time
   */
  shortClock(time) {
    const parts = this.#date({ hour: "numeric", minute: "2-digit" }).formatToParts(time);
    const kept = parts.filter(({ type }) => type !== "dayPeriod");
    return kept.map(({ value }) => value).join("").trim();
  }

  /**
   * Date and time in full, for a tooltip.
   *
   * @param {number} time
   */
  moment(time) {
    return this.#date({ dateStyle: "full", timeStyle: "short" }).format(time);
  }

  /**
   * A day relative to now: "Today", "Yesterday", a weekday within the last week, or else the date.
   *
   * @param {number} time
   * @param {number} now
   */
  day(time, now) {
    const days = Math.round((midnight(now) - midnight(time)) / 86_400_000);
    if (days === 0 || days === 1) {
      const relative = new Intl.RelativeTimeFormat(this.code, { numeric: "auto" });
      const word = relative.format(-days, "day");
      return word.charAt(0).toLocaleUpperCase(this.code) + word.slice(1);
    }
    if (days > 1 && days < 7) return this.#date({ weekday: "long" }).format(time);
    const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
    /** @type {Intl.DateTimeFormatOptions} */
    const date = { weekday: "long", month: "long", day: "numeric" };
    return this.#date(sameYear ? date : { ...date, year: "numeric" }).format(time);
  }

  /**
   * A size in human-readable units, e.g. "1.4 MB".
   *
   * @param {number} bytes
   */
  size(bytes) {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    const power = Math.min(3, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
    const unit = units[power] ?? "byte";
    const amount = bytes / 1000 ** power;
    return new Intl.NumberFormat(this.code, {
      style: "unit",
      unit,
      unitDisplay: power === 0 ? "long" : "short",
      maximumFractionDigits: amount < 10 && power > 0 ? 1 : 0,
    }).format(amount);
  }

  /**
   * Joins names for a sentence: "ann, bob and carol". Beyond `most` names the rest becomes "3 others".
   *
   * @param {readonly string[]} names
   * @param {number} [most]
   * @param {number} [count] how many there are, if not all names are known
   */
  list(names, most = 3, count = names.length) {
    const shown = names.length > most + 1 ? names.slice(0, most) : names;
    const parts = shown.map(isolated);
    const rest = count - shown.length;
    if (rest > 0) parts.push(this.say("others", { count: rest }));
    return new Intl.ListFormat(this.code, { type: "conjunction" }).format(parts);
  }

  /**
   * @param {{ one?: string, other: string }} forms
   * @param {number} count
   */
  #form(forms, count) {
    return (this.#plural.select(count) === "one" ? forms.one : undefined) ?? forms.other;
  }

  /**
   * @param {Intl.DateTimeFormatOptions} options
   * @returns {Intl.DateTimeFormat}
   */
  #date(options) {
    const key = JSON.stringify(options);
    const known = this.#cache.get(key);
    if (known) return known;
    const made = new Intl.DateTimeFormat(this.code, options);
    this.#cache.set(key, made);
    return made;
  }
}

/**
 * Isolates the writing direction of a text (Unicode UAX #9, first strong isolate). Idempotent.
 *
 * @param {string} text
 */
function isolated(text) {
  return text.startsWith("\u2068") ? text : `\u2068${text}\u2069`;
}

/** @param {number} time */
function midnight(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}
