/**
 * Reads records from the pages of a database without SQLite, as its file format documents them
 * (<https://sqlite.org/fileformat2.html>, §1.6 and §2.1): each leaf by itself, so that a damaged page hides
 * nothing but what was on it.
 *
 * @module
 */

/** A value of a record. Blobs and numbers that are no integers do not occur in our tables of messages. */
export type Value = number | string | null;

/** A record found on a page. */
export interface PageRecord {
  /** Of a table with row ids; absent: of an index, or of a table that is one. */
  readonly rowid: number | undefined;
  readonly values: readonly Value[];
}

/** Types of pages that hold records. */
const TABLE_LEAF = 0x0d;
const INDEX_LEAF = 0x0a;
const INDEX_INTERIOR = 0x02;

/** Where the header of the first page's tree begins, in bytes: after that of the file. */
const FILE_HEADER = 100;

const DEFAULT_PAGE = 4096;

/** Bytes of integers by their serial type. */
const INTEGERS = [0, 1, 2, 3, 4, 6, 8];

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Yields every record that is whole, in the order of pages. */
export function* readPages(path: string): Generator<PageRecord> {
  using file = Deno.openSync(path);
  const pages = new Pages(file);
  for (let number = 1; number <= pages.count; number++) {
    const page = pages.read(number);
    if (page !== undefined) yield* pages.recordsOn(page, number === 1 ? FILE_HEADER : 0);
  }
}

class Pages {
  readonly count: number;
  readonly #file: Deno.FsFile;
  readonly #size: number;

  constructor(file: Deno.FsFile) {
    this.#file = file;
    const header = new Uint8Array(FILE_HEADER);
    file.readSync(header);
    const size = new DataView(header.buffer).getUint16(16);
    const isSqlite = new TextDecoder().decode(header.subarray(0, 15)) === "SQLite format 3";
    this.#size = isSqlite && size >= 512 && (size & (size - 1)) === 0 ? size : DEFAULT_PAGE;
    this.count = Math.floor(file.statSync().size / this.#size);
  }

  read(number: number): DataView | undefined {
    if (number < 1 || number > this.count) return undefined;
    const bytes = new Uint8Array(this.#size);
    this.#file.seekSync((number - 1) * this.#size, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < bytes.length) {
      const read = this.#file.readSync(bytes.subarray(filled));
      if (read === null) return undefined;
      filled += read;
    }
    return new DataView(bytes.buffer);
  }

  *recordsOn(page: DataView, header: number): Generator<PageRecord> {
    const type = page.getUint8(header);
    if (type !== TABLE_LEAF && type !== INDEX_LEAF && type !== INDEX_INTERIOR) return;
    const cells = page.getUint16(header + 3);
    const pointers = header + (type === INDEX_INTERIOR ? 12 : 8);
    if (pointers + 2 * cells > this.#size) return;
    for (let index = 0; index < cells; index++) {
      const record = this.#record(page, page.getUint16(pointers + 2 * index), type);
      if (record !== undefined) yield record;
    }
  }

  /** `undefined` if it is not whole. */
  #record(page: DataView, cell: number, type: number): PageRecord | undefined {
    try {
      const reader = new Cursor(page, type === INDEX_INTERIOR ? cell + 4 : cell);
      const length = reader.varint();
      const rowid = type === TABLE_LEAF ? reader.varint() : undefined;
      const payload = this.#payload(page, reader.at, length, type === TABLE_LEAF);
      if (payload === undefined) return undefined;
      return { rowid, values: decodeRecord(payload) };
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #payload(page: DataView, at: number, length: number, isTable: boolean): DataView | undefined {
    if (length > this.#size * this.count) return undefined;
    const local = this.#localLength(length, isTable);
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(page.buffer, at, local));
    let filled = local;
    let next = filled < length ? page.getUint32(at + local) : 0;
    while (filled < length) {
      const overflow = this.read(next);
      if (overflow === undefined) return undefined;
      const part = Math.min(length - filled, this.#size - 4);
      bytes.set(new Uint8Array(overflow.buffer, 4, part), filled);
      filled += part;
      next = overflow.getUint32(0);
    }
    return new DataView(bytes.buffer);
  }

  /** How much of a payload is on the page itself (§1.6). */
  #localLength(length: number, isTable: boolean): number {
    const usable = this.#size;
    const max = isTable ? usable - 35 : Math.floor((usable - 12) * 64 / 255) - 23;
    if (length <= max) return length;
    const min = Math.floor((usable - 12) * 32 / 255) - 23;
    const fitting = min + (length - min) % (usable - 4);
    return fitting <= max ? fitting : min;
  }
}

/** Reads varints. Numbers beyond 2^53 do not occur. */
class Cursor {
  at: number;
  readonly #view: DataView;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.at = at;
  }

  varint(): number {
    let value = 0;
    for (let index = 0; index < 8; index++) {
      const byte = this.#view.getUint8(this.at++);
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    throw new RangeError("Cannot read a record: its number is too great");
  }
}

function decodeRecord(view: DataView): Value[] {
  const header = new Cursor(view, 0);
  const end = header.varint();
  const types: number[] = [];
  while (header.at < end) types.push(header.varint());
  let at = end;
  return types.map((type) => {
    const { value, length } = decodeValue(view, at, type);
    at += length;
    return value;
  });
}

function decodeValue(view: DataView, at: number, type: number): { value: Value; length: number } {
  if (type === 0) return { value: null, length: 0 };
  if (type === 8 || type === 9) return { value: type - 8, length: 0 };
  if (type >= 13 && type % 2 === 1) {
    const length = (type - 13) / 2;
    return { value: decoder.decode(new Uint8Array(view.buffer, at, length)), length };
  }
  const length = INTEGERS[type];
  if (length === undefined) throw new RangeError("Cannot read a record: no such type");
  let value = view.getInt8(at);
  for (let index = 1; index < length; index++) value = value * 256 + view.getUint8(at + index);
  return { value, length };
}
