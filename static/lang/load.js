/**
 * Loads the reader's language. English is always there.
 *
 * @module
 */
import { pickLanguage, Speech } from "../logic/i18n.js";
import en from "./en.js";

/**
 * @param {string} wanted a language code; empty: as the browser
 * @returns {Promise<Speech>} in English if the language cannot be loaded
 */
export async function loadSpeech(wanted) {
  const code = pickLanguage(wanted === "" ? navigator.languages : [wanted]);
  if (code === "en") return new Speech("en", en);
  try {
    const { default: messages } = await import(`./${code}.js`);
    return new Speech(code, messages);
  } catch {
    return new Speech("en", en);
  }
}
