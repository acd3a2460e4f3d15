/**
 * Opens the file store that the configuration selects.
 *
 * @module
 */
import type { ServeConfig } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import { DataError, reasonOf } from "../sqlite/data_error.ts";
import type { FileStore } from "./file_store.ts";
import { type LocalFilesOptions, openLocalFiles } from "./local.ts";
import type { Messages } from "./recovery.ts";

/** The part of the configuration that concerns files. */
export type FilesConfig = Pick<
  ServeConfig,
  | "data"
  | "sync"
  | "maxFile"
  | "maxStorage"
  | "maxUnannounced"
  | "retainFiles"
  | "retainUnannounced"
  | "storagePerAddress"
  | "storagePerUser"
>;

/**
 * Opens the file store: in the data directory, or with `:memory:` in a temporary directory, removed when
 * the store is closed.
 *
 * @param messages the open message store, whose lock excludes another server from the directory
 * @throws {StartError} if the directory cannot be used
 */
export function openFiles(config: FilesConfig, messages: Messages): FileStore {
  const { data, maxFile, maxStorage, retainFiles: retain } = config;
  const limits = {
    messages,
    maxFile,
    maxStorage,
    quotas: {
      perUser: config.storagePerUser,
      perNetwork: config.storagePerAddress,
      unannounced: config.maxUnannounced,
    },
    retain,
    retainUnannounced: config.retainUnannounced,
  };
  if (data.kind === "memory") return openTemporary(limits);
  try {
    return openLocalFiles({ ...limits, dir: data.path, sync: config.sync });
  } catch (error) {
    if (error instanceof DataError) {
      throw new StartError(`${error.message} with --data`, { cause: error });
    }
    throw new StartError(
      `Cannot store files in the data directory "${data.path}": ${reasonOf(error)}; make it a ` +
        `directory that this user can write to, or choose another one with --data`,
      { cause: error },
    );
  }
}

function openTemporary(options: Omit<LocalFilesOptions, "dir" | "sync">): FileStore {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  const remove = () => Deno.removeSync(dir, { recursive: true });
  // The process may end without `close`, for example by a second signal.
  globalThis.addEventListener("unload", remove);
  const closed = () => {
    globalThis.removeEventListener("unload", remove);
    remove();
  };
  return openLocalFiles({ ...options, dir, sync: "off", closed });
}
