/**
 * Opens the file store that the configuration asks for.
 *
 * @module
 */
import { StartError } from "../config/errors.ts";
import type { ServeConfig } from "../config/config.ts";
import type { FileStore } from "./store.ts";
import { reason, StoreOpenError } from "../store/sqlite/open_error.ts";
import type { Store } from "../store/store.ts";
import { type LocalFilesOptions, openLocalFiles } from "./local.ts";

/** What of the configuration concerns files. */
export type FilesConfig = Pick<
  ServeConfig,
  "data" | "sync" | "maxFile" | "maxStorage" | "retainFiles"
>;

/**
 * Opens the file store: in the data directory, or with `:memory:` in a temporary one that is removed
 * at the end.
 *
 * @param messages the open message store, whose lock keeps another server away from the directory
 * @throws {StartError} if the directory cannot be used
 */
export function openFiles(config: FilesConfig, messages: Store): FileStore {
  const { data, maxFile, maxStorage, retainFiles: retain } = config;
  const limits = { messages, maxFile, maxStorage, retain };
  if (data.kind === "memory") return openTemporary(limits);
  try {
    return openLocalFiles({ ...limits, dir: data.path, sync: config.sync });
  } catch (error) {
    if (error instanceof StoreOpenError) {
      throw new StartError(`${error.message} with --data`, { cause: error });
    }
    throw new StartError(
      `Cannot keep files in the data directory "${data.path}": ${reason(error)}; make it a ` +
        `directory that this user can write to, or choose another one with --data`,
      { cause: error },
    );
  }
}

function openTemporary(options: Omit<LocalFilesOptions, "dir" | "sync">): FileStore {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  const remove = () => Deno.removeSync(dir, { recursive: true });
  // The process may end without closing anything: by a second signal, say.
  globalThis.addEventListener("unload", remove);
  const closed = () => {
    globalThis.removeEventListener("unload", remove);
    remove();
  };
  return openLocalFiles({ ...options, dir, sync: "off", closed });
}
