/**
 * How a command speaks: lines and tables for people, one JSON object as the last line for machines.
 *
 * With `--json` nothing but that object goes to standard output, and progress is silent. Progress rewrites one line on a
 * terminal and prints a line every few seconds elsewhere.
 */
import Table from "cli-table3"
import { Clock, Console, Effect } from "effect"

export interface Output {
  readonly json: boolean
  readonly line: (text: string) => Effect.Effect<void>
  readonly table: (
    head: ReadonlyArray<string>,
    rows: ReadonlyArray<ReadonlyArray<string | number>>
  ) => Effect.Effect<void>
  /** The object for machines; people have read it already. */
  readonly result: (value: unknown) => Effect.Effect<void>
  /** On standard output, or beside it where that is for what was asked for alone. */
  readonly progress: (label: string, beside?: boolean) => Progress
}

export interface Progress {
  /** `done` of `total` (if known), in `unit`s. */
  readonly at: (done: number, total: number | undefined, unit: string) => Effect.Effect<void>
  readonly end: Effect.Effect<void>
}

const silent: Progress = { at: () => Effect.void, end: Effect.void }

export const makeOutput = (json: boolean): Output => ({
  json,
  line: (text) => (json ? Effect.void : Console.log(text)),
  table: (head, rows) => (json ? Effect.void : Console.log(tableOf(head, rows))),
  result: (value) => (json ? Console.log(JSON.stringify(value)) : Effect.void),
  progress: (label, beside = false) => (json ? silent : makeProgress(label, beside ? process.stderr : process.stdout))
})

/** Columns alone: a frame for every row would be more lines than rows. */
const bare = {
  ...Object.fromEntries(
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
      "mid",
      "mid-mid",
      "right",
      "right-mid"
    ].map((place) => [place, ""])
  ),
  middle: "  "
}

const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string => {
  const table = new Table({ head: [...head], style: { head: [], border: [] }, chars: bare, wordWrap: true })
  table.push(...rows.map((row) => row.map(String)))
  return table.toString()
}

const onTerminal = 100
const elsewhere = 5000

const makeProgress = (label: string, out: NodeJS.WriteStream): Progress => {
  const terminal = out.isTTY
  let began: number | undefined
  let shown = 0
  let last = ""
  let told = ""
  return {
    at: Effect.fnUntraced(function* (done, total, unit) {
      const now = yield* Clock.currentTimeMillis
      began ??= now
      last = `${label}: ${progressLine(done, total, unit, now - began)}`
      if (now - shown < (terminal ? onTerminal : elsewhere)) return
      shown = now
      told = last
      out.write(terminal ? `\r\u001B[2K${last}` : `${last}\n`)
    }),
    end: Effect.sync(() => {
      if (terminal && last !== "") out.write(`\r\u001B[2K${last}\n`)
      if (!terminal && last !== told) out.write(`${last}\n`)
    })
  }
}

/** `120 of 290 people, 24/s, 7 s left`. */
export const progressLine = (done: number, total: number | undefined, unit: string, millis: number): string => {
  const rate = millis > 0 ? (done * 1000) / millis : 0
  const parts = [total === undefined ? `${done} ${unit}` : `${done} of ${total} ${unit}`]
  if (rate > 0) parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`)
  if (rate > 0 && total !== undefined && done < total) parts.push(`${duration(((total - done) * 1000) / rate)} left`)
  return parts.join(", ")
}

/** `1 request`, `7 requests`; `plural` where it is not made with an s. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`

/** `7 s`, `4 min 10 s`, `2 h 47 min`. */
export const duration = (millis: number): string => {
  const seconds = Math.ceil(millis / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
