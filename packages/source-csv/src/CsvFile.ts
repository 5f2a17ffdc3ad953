/**
 * The file itself: opened once, looked at, and read from its beginning as often as needed.
 *
 * `CsvSource` opens it for the length of one reading. Every pass goes through the same handle, so a file that is replaced
 * by renaming another over it changes nothing in the middle; one that is written in place is found out by its digest.
 * Never writes, never keeps more than a chunk.
 */
import { createHash, type Hash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { basename, resolve } from "node:path"

import { ConfigInvalid } from "@rollcall/core/contract/Source"
import { Predicate } from "effect"

import type { CsvConfig } from "./CsvConfig.ts"
import { headText, recogniseText, type TextForm } from "./CsvEncoding.ts"

/** An open file. */
export interface CsvFile {
  /** Its name without the folder, as locators say it. */
  readonly name: string
  readonly handle: FileHandle
  /** Its first bytes: enough for a byte order mark, a `sep=` line and a header. */
  readonly head: Buffer
}

/** How the text of a file is laid out in rows and cells. */
export interface FileForm {
  readonly name: string
  readonly text: TextForm
  readonly delimiter: string
  readonly quote: string
  /** Bytes of UTF-8 that Excel's `sep=` line takes before the header; 0 if there is none. */
  readonly skip: number
}

const headSize = 65_536

/** Small enough that what was read of one chunk is garbage before the next: four times as much doubled the peak. */
const chunkSize = 32_768

/** Opens the file. Whatever is wrong with it is a `ConfigInvalid` that names the setting `file`. */
export const openFile = async (config: CsvConfig, folder: string): Promise<CsvFile> => {
  const path = resolve(folder, config.file)
  const name = basename(path)
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw openProblem(path, cause)
  })
  try {
    if (!(await handle.stat()).isFile()) {
      throw fileInvalid(`${path} is not a file.`, "Name a file: it is read twice, so a folder or a pipe will not do.")
    }
    const head = await readAt(handle, 0, headSize)
    return { name, handle, head }
  } catch (cause) {
    await handle.close()
    throw cause
  }
}

const openProblem = (path: string, cause: unknown): unknown => {
  switch (Predicate.hasProperty(cause, "code") ? cause.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
      return fileInvalid(`There is no file ${path}.`, "Put it there, or set `file` to where it is.")
    case "EISDIR":
      return fileInvalid(`${path} is a folder.`, "Set `file` to a file in it.")
    case "EACCES":
    case "EPERM":
      return fileInvalid(`${path} may not be read.`, "Give the user that runs this the right to read it.")
    default:
      return cause
  }
}

export const fileInvalid = (problem: string, remedy: string): ConfigInvalid =>
  new ConfigInvalid({ path: "file", problem, remedy })

const readAt = async (handle: FileHandle, position: number, size: number): Promise<Buffer> => {
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(size), 0, size, position)
  return buffer.subarray(0, bytesRead)
}

/** The bytes of the file from its beginning, with their digest if one is given to be fed. */
export async function* bytesOf(file: CsvFile, digest?: Hash, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let position = 0
  for (;;) {
    signal?.throwIfAborted()
    const chunk = await readAt(file.handle, position, chunkSize)
    if (chunk.length === 0) return
    digest?.update(chunk)
    position += chunk.length
    yield chunk
  }
}

export const newDigest = (): Hash => createHash("sha256")

/** Tells from the beginning of the file how its text is laid out. */
export const recogniseForm = (file: CsvFile, config: CsvConfig): FileForm => {
  const text = recogniseText(file.head, config.encoding, file.name)
  const head = headText(file.head, text)
  const separatorLine = /^"?sep=(.)"?[ \t]*(?:\r\n|\n|\r)/i.exec(head)
  const rest = head.slice(separatorLine?.[0].length ?? 0)
  if (rest.trim() === "" && file.head.length < headSize) {
    throw fileInvalid(`${file.name} is empty.`, "Have it written whole; a file of nobody still has a header.")
  }
  return {
    name: file.name,
    text,
    quote: config.quote,
    delimiter: config.delimiter === "auto" ? (separatorLine?.[1] ?? delimiterOf(rest, config.quote)) : config.delimiter,
    skip: Buffer.byteLength(separatorLine?.[0] ?? "")
  }
}

/** The delimiter that stands most often in the header, outside quotes; a comma where there is only one column. */
const delimiterOf = (text: string, quote: string): string => {
  const counts = new Map([",", ";", "\t", "|"].map((delimiter) => [delimiter, 0]))
  let quoted = false
  for (const character of text.trimStart()) {
    if (character === quote) quoted = !quoted
    else if (quoted) continue
    else if (character === "\n" || character === "\r") break
    else if (counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  const [delimiter, count] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))
  return count === 0 ? "," : delimiter
}
