/**
 * What stops somebody and what to do about it, in words for HR and IT; docs/explain.md has the same list.
 *
 * Used by `why` and `employee`. Names nobody but by HR's key; only Together's own words about a refusal may.
 */
import type { Consideration } from "@rollcall/core/sync/Consider"
import type { Explanation, ExplanationCode } from "@rollcall/core/sync/Explanation"
import type { Rejections } from "@rollcall/core/sync/Reduce"

import { gateWords, nextWords } from "./GateWords.ts"

export const noKeyWords =
  "lacks a key: no employee number was given (PATCH /employee/{id}/profile), and nothing is sent without one"

/** `considered`: what is to be sent, where something is. */
export const explanationWords = (explained: Explanation, considered: Consideration, rejections: Rejections): string =>
  [reasonWords(explained, considered), ...rejectionWords(rejections)].join("; ")

const reasonWords = (explained: Explanation, considered: Consideration): string => {
  switch (explained.code) {
    case "no-key":
      return noKeyWords
    case "erased":
      return gateWords({ _tag: "Erased" })
    case "not-in-any-source":
      return gateWords({ _tag: "NotInAnySource" })
    case "row-rejected":
      return "what a source says of them was refused, and nothing else is to be sent"
    case "waits-for-date":
      return gateWords({ _tag: "WaitsForDate", from: explained.from })
    case "absent":
      return `${gateWords({ _tag: "Absent", since: explained.since })}, since ${explained.since}`
    case "out-of-scope":
      return gateWords({ _tag: "OutOfScope", rule: explained.rule })
    case "required-missing":
      return gateWords({ _tag: "RequiredMissing", fields: explained.fields })
    case "rejected":
      return `${gateWords({ _tag: "Rejected", answer: explained.answer })}${refusalWords(explained)}`
    case "conflicted":
      return `${gateWords({ _tag: "Conflicted" })}${refusalWords(explained)}`
    case "gone":
      return `${gateWords({ _tag: "Gone" })}${refusalWords(explained)}`
    case "held": {
      const { kind, limit, people, since } = explained
      return `${gateWords({ _tag: "Held", kind, people, limit })}${since === null ? "" : `, since ${minute(since)}`}`
    }
    case "waits-for-manager":
      return `${gateWords({ _tag: "WaitsForManager" })}${explained.managerId === null ? "" : ` (${explained.managerId})`}`
    case "paused":
      return `to be sent, and sending is paused since ${minute(explained.since)}, by ${explained.by}: ${explained.because}`
    case "circuit-open":
      return `to be sent, and Together refuses the credentials since ${minute(explained.since)}: ${explained.because}`
    case "queued": {
      const { earliest, of, place, request } = explained
      return `queued (${pendingWords(considered)}): person ${place} of ${of}, in request ${request}, at ${second(earliest)} at the earliest`
    }
    case "up-to-date":
      return nextWords({ _tag: "UpToDate" })
  }
}

const pendingWords = (considered: Consideration): string =>
  considered._tag === "UpToDate" ? "register in a program" : nextWords(considered)

const refusalWords = ({
  answer,
  since,
  status
}: {
  readonly answer?: string
  readonly since: string
  readonly status: number
}) => `, since ${minute(since)}: ${answer === undefined ? `answer ${status}` : `answer ${status}, ${answer}`}`

const rejectionWords = (rejections: Rejections): ReadonlyArray<string> =>
  Object.values(rejections)
    .flat()
    .map(
      ({ field, locator, message }) => `refused at ${locator}: ${field === undefined ? "" : `${field} - `}${message}`
    )

/** `2026-01-20 14:03Z`. */
const minute = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)}Z`

const second = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)}Z`

/** What to do next, where something can be done. */
export const remedyOf = (code: ExplanationCode): string => remedies[code]

const remedies: Readonly<Record<ExplanationCode, string>> = {
  "no-key": "Give the employee a number (PATCH /employee/{id}/profile), or have HR list them.",
  erased: "Nothing: they were forgotten, and are never sent.",
  gone: "Nothing from here: the entry was deleted at Together. Only Together's support can undo that.",
  conflicted: "Settle the entry with support@togetherplatform.com, then `rollcall release` the person.",
  "not-in-any-source": "If they work here, have HR list them; compare the key character by character.",
  "row-rejected": "Correct the row in HR. The next reading takes it.",
  "waits-for-date": "Nothing: they are sent on that day.",
  absent: "If they left, have HR say so, or set `absence`; if they did not, have HR list them again.",
  "out-of-scope": "Nothing, if they are not to be at Together; else change that rule of the configuration.",
  "required-missing": "Have HR fill in what is missing.",
  rejected:
    "Correct in HR what Together complains of: the change is sent at once. Or put it right there and `rollcall release`.",
  held: "Look at who is held (`rollcall why`); if it is right, `rollcall approve`.",
  "waits-for-manager": "Ask `rollcall why` about the manager; the rest follows by itself.",
  paused: "`rollcall resume` sends what waits.",
  "circuit-open": "Put a valid API key into the environment and run `rollcall check`.",
  queued: "Nothing: `rollcall serve`, or the next `rollcall sync`, sends it.",
  "up-to-date": "Nothing."
}
