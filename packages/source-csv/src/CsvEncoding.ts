/**
 * From the bytes of a file to its text, handed on as UTF-8 because that is what the parser takes.
 *
 * `CsvFile` asks what a file's bytes prove of its encoding, `CsvReader` runs every chunk through the transcoder. A byte
 * order mark that contradicts the configuration is refused; text is never repaired by replacing characters.
 */
import { ConfigInvalid, Malformed } from "@rollcall/core/contract/Source"

import type { CsvConfig } from "./CsvConfig.ts"

export type Encoding = Exclude<CsvConfig["encoding"], "auto">

/** How the bytes of a file are to be read. */
export interface TextForm {
  readonly encoding: Encoding
  /** Length of the byte order mark, which is no part of the text. */
  readonly mark: number
  /** UTF-8 until a row disproves it: then the file is windows-1252. Only `auto` assumes. */
  readonly assumed: boolean
}

/** Tells the encoding of a file from its first bytes and what the configuration says of it. */
export const recogniseText = (head: Buffer, setting: CsvConfig["encoding"], name: string): TextForm => {
  refuseBinary(head, name)
  const mark = byteOrderMarks.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes))
  if (mark !== undefined) {
    if (setting !== "auto" && setting !== mark.encoding) {
      throw new ConfigInvalid({
        path: "encoding",
        problem: `${name} begins with the byte order mark of ${mark.encoding}, but \`encoding\` says ${setting}.`,
        remedy: `Set \`encoding\` to "auto" or "${mark.encoding}".`
      })
    }
    return { encoding: mark.encoding, mark: mark.bytes.length, assumed: false }
  }
  if (setting !== "auto") return { encoding: setting, mark: 0, assumed: false }
  const wide = wideEncoding(head)
  return wide === undefined
    ? { encoding: "utf-8", mark: 0, assumed: true }
    : { encoding: wide, mark: 0, assumed: false }
}

const byteOrderMarks = [
  { encoding: "utf-8", bytes: Buffer.from([0xef, 0xbb, 0xbf]) },
  { encoding: "utf-16le", bytes: Buffer.from([0xff, 0xfe]) },
  { encoding: "utf-16be", bytes: Buffer.from([0xfe, 0xff]) }
] as const

/** What people hand over by mistake, told by its first bytes. */
const binaries = [
  { bytes: Buffer.from("PK\u0003\u0004", "latin1"), what: "an Excel workbook or another zip archive" },
  { bytes: Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), what: "an Excel workbook of the old kind" },
  { bytes: Buffer.from([0x1f, 0x8b]), what: "a gzip archive" },
  { bytes: Buffer.from("%PDF", "latin1"), what: "a PDF document" }
] as const

const refuseBinary = (head: Buffer, name: string): void => {
  const binary = binaries.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes))
  if (binary === undefined) return
  throw new ConfigInvalid({
    path: "file",
    problem: `${name} is not a CSV file but ${binary.what}.`,
    remedy: 'Name a CSV file: unpack it, or export it as "CSV UTF-8".'
  })
}

/** Latin text in UTF-16 has a NUL as every other byte, and text in any other encoding has none. */
const wideEncoding = (head: Buffer): "utf-16le" | "utf-16be" | undefined => {
  const length = Math.min(head.length, 4096)
  const nuls: [even: number, odd: number] = [0, 0]
  for (let i = 0; i < length; i++) if (head[i] === 0) nuls[(i & 1) as 0 | 1]++
  const [even, odd] = nuls
  if ((even + odd) * 10 < length || length < 2) return undefined
  if (odd > even * 4) return "utf-16le"
  return even > odd * 4 ? "utf-16be" : undefined
}

/** The text of the first bytes, to look for a header in. A character that is cut off at their end does not matter. */
export const headText = (head: Buffer, form: TextForm): string =>
  // Fatal decoding of windows-1252 is right in every Node version; the lenient one was ISO 8859-1 in some.
  new TextDecoder(form.encoding, { fatal: form.encoding === "windows-1252", ignoreBOM: true }).decode(
    head.subarray(form.mark),
    { stream: true }
  )

/** Turns chunks of a file, its byte order mark taken off, into chunks of UTF-8. */
export interface Transcoder {
  readonly push: (bytes: Buffer) => Buffer
  /** Whether the file ends inside a character; for UTF-8 see `endsInsideCharacter`. */
  readonly endsInside: () => boolean
}

/** Makes a transcoder. UTF-8 passes untouched: the reader holds each row against it, so that one bad row is one row. */
export const makeTranscoder = (form: TextForm, name: string): Transcoder => {
  if (form.encoding === "utf-8") return { push: (bytes) => bytes, endsInside: () => false }
  const decoder = new TextDecoder(form.encoding, { fatal: true, ignoreBOM: true })
  return {
    push: (bytes) => {
      try {
        return Buffer.from(decoder.decode(bytes, { stream: true }), "utf8")
      } catch {
        throw new Malformed({
          locator: name,
          problem: `${name} is not text in ${form.encoding}.`,
          remedy: "Set `encoding` to what the file was written in, or have it written anew as UTF-8."
        })
      }
    },
    endsInside: () => {
      try {
        decoder.decode()
        return false
      } catch {
        return true
      }
    }
  }
}

/** Whether bytes that are not UTF-8 would be, had they not been cut off inside their last character. */
export const endsInsideCharacter = (bytes: Buffer): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
