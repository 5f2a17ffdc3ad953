/**
 * Which alarms hold, from a picture of how things are; and, from those that stand already, which to raise and to end.
 *
 * Pure. Of each thing that could be wrong a rule finds `holds`, `well`, or `open`: it cannot be told now (the process has
 * just begun, something else is in the way) or lies between the limit that raises and the one that ends. What is open
 * raises nothing and ends nothing, so a restart or a value near its limit makes no noise.
 */
import { DateTime } from "effect"

import type { AlarmKind, AlarmRaised } from "../domain/AlarmEvent.ts"
import { type GuardKind, guardKinds } from "../domain/GuardEvent.ts"

export interface SourcePicture {
  readonly name: string
  /** How its last reading ended; null: it was not read yet. `kind` is the tag of what went wrong. */
  readonly last: {
    readonly at: string
    readonly outcome: "complete" | "incomplete" | "failed"
    readonly kind?: string
  } | null
  readonly succeededAt: string | null
  /** In a row. */
  readonly failures: number
  /** The first time it was to be read after it was last read to its end; null: it has no schedule. */
  readonly due: string | null
}

export interface SendingPicture {
  readonly doing: "starting" | "idle" | "planning" | "sending" | "paused" | "refused" | "vendor-away" | "database-away"
  readonly held: ReadonlyArray<{ readonly kind: GuardKind; readonly people: number; readonly limit: number }>
  /** Milliseconds that the rest of the plan takes at least. */
  readonly leastMillis: number
  /** Since when the oldest change waits; null: nothing waits. */
  readonly oldestChange: string | null
  /** When a plan was last worked off to its end: by this process, and, as far as the log shows, before it. */
  readonly settledAt: string | null
  readonly settledBefore: string | null
  /** People refused within the last day; null: not counted yet. */
  readonly freshLetters: number | null
}

/** How an organization is doing, as far as this process knows. Times are ISO 8601 in UTC. */
export interface Picture {
  readonly sink: string
  /** When the process began to look. */
  readonly startedAt: string
  readonly sources: ReadonlyArray<SourcePicture>
  readonly sending: SendingPicture
  /** Null: the lane was not looked at yet. `awaySince`: since when the vendor does not answer. */
  readonly lane: { readonly circuitSince: string | null; readonly awaySince: string | null } | null
  readonly databaseAwaySince: string | null
}

/** From where on something is an alarm. */
export interface AlarmLimits {
  readonly silenceHours: number
  readonly backlogHours: number
  readonly waitingHours: number
  readonly deadLettersPerDay: number
  readonly vendorAwayMinutes: number
  readonly databaseAwaySeconds: number
}

/** A little more than a day, for what happens once a day. */
export const defaultLimits: AlarmLimits = {
  silenceHours: 26,
  backlogHours: 12,
  waitingHours: 4,
  deadLettersPerDay: 20,
  vendorAwayMinutes: 15,
  databaseAwaySeconds: 30
}

/** An alarm and what it concerns. */
export interface AlarmName {
  readonly alarm: AlarmKind
  readonly key: string
}

export interface Holding extends AlarmName {
  readonly state: "holds"
  readonly since: string
  readonly problem: string
  readonly remedy: string
  /** Says the same by its cause: where that one stands, this one is not raised. */
  readonly unless?: AlarmName
}

export type Finding =
  | Holding
  | (AlarmName & { readonly state: "open" })
  /** `asOf`: known from then; an alarm that was raised later goes on. */
  | (AlarmName & { readonly state: "well"; readonly asOf?: string })

interface Look {
  readonly picture: Picture
  readonly limits: AlarmLimits
  readonly now: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** A process that has just begun, or a reading under way, is given so long before its silence counts. */
const leeway = 90 * minute

/** An open circuit that this process meets within so long is told as refused credentials. */
const circuitLeeway = minute

/** Ends at so much of the limit that raises. */
const relief = 0.75

const millisOf = (iso: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(iso))
const isoOf = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

/** Everything that could be wrong, each thing once; `now` in milliseconds since 1970. */
export const judge = (picture: Picture, limits: AlarmLimits, now: number): ReadonlyArray<Finding> => {
  const look = { picture, limits, now }
  return [
    database(look),
    ...holds(look),
    credentials(look),
    circuit(look),
    vendor(look),
    ...picture.sources.flatMap((source) => [credentialsOf(source), failing(source), silent(source, look)]),
    unsettled(look),
    backlog(look),
    letters(look)
  ]
}

const database = ({ limits, now, picture: { databaseAwaySince: since } }: Look): Finding => {
  const name = { alarm: "database-away", key: "database" } as const
  if (since === null) return { ...name, state: "well" }
  if (now - millisOf(since) < limits.databaseAwaySeconds * second) return { ...name, state: "open" }
  return {
    ...name,
    state: "holds",
    since,
    problem: "The database does not answer: nothing is read, planned or sent.",
    remedy: "See that it runs and can be reached from here; the service goes on by itself."
  }
}

/** A plan was made and nothing broke it off: what it shows as absent is absent. */
const hasPlan = ({ doing }: SendingPicture): boolean => doing === "idle" || doing === "sending"

const holds = ({ now, picture: { sending } }: Look): ReadonlyArray<Finding> =>
  guardKinds.map((kind) => {
    const name = { alarm: "plan-held", key: `guard:${kind}` } as const
    const held = sending.held.find((one) => one.kind === kind)
    if (held === undefined) return { ...name, state: hasPlan(sending) ? "well" : "open" }
    return {
      ...name,
      state: "holds",
      since: isoOf(now),
      problem: `The guard holds ${held.people} people (${kind}), where ${held.limit} are allowed at once. None of them is sent; everybody else is.`,
      remedy: `Look at \`rollcall plan\`. Mend the source if it is wrong, or let them go: rollcall approve ${kind} --by NAME --reason TEXT`
    }
  })

const refusedBy = (key: string): AlarmName => ({ alarm: "credentials-refused", key })

const credentials = ({ now, picture: { lane, sending, sink } }: Look): Finding => {
  const name = refusedBy(`sink:${sink}`)
  if (sending.doing !== "refused") {
    const good = hasPlan(sending) && lane !== null && lane.circuitSince === null
    return { ...name, state: good ? "well" : "open" }
  }
  return {
    ...name,
    state: "holds",
    since: lane?.circuitSince ?? isoOf(now),
    problem: "Together refuses the credentials: nothing is sent.",
    remedy:
      "Compare organization id, client id and API key with Together's page Integrations > API Keys; correct them and restart, or run `rollcall check` once they are good again."
  }
}

const circuit = ({ now, picture: { lane, sink } }: Look): Finding => {
  const name = { alarm: "circuit-open", key: `sink:${sink}` } as const
  const since = lane?.circuitSince
  if (since === undefined) return { ...name, state: "open" }
  if (since === null) return { ...name, state: "well" }
  if (now - millisOf(since) < circuitLeeway) return { ...name, state: "open" }
  return {
    ...name,
    state: "holds",
    since,
    problem: "Together refused credentials of this account: nothing goes out with them.",
    remedy: "Correct the credentials, or run `rollcall check` once they are good again.",
    unless: refusedBy(`sink:${sink}`)
  }
}

const vendor = ({ limits, now, picture: { lane, sending, sink } }: Look): Finding => {
  const name = { alarm: "vendor-away", key: `sink:${sink}` } as const
  const since = lane?.awaySince
  if (since === undefined) return { ...name, state: "open" }
  if (since === null) return { ...name, state: hasPlan(sending) || sending.doing === "refused" ? "well" : "open" }
  if (now - millisOf(since) < limits.vendorAwayMinutes * minute) return { ...name, state: "open" }
  return {
    ...name,
    state: "holds",
    since,
    problem: `Together has not answered for ${span(now - millisOf(since))}. What is to be sent waits.`,
    remedy: "See Together's status page, the network from here and `together.baseUrl`; the service goes on by itself."
  }
}

const credentialsOf = ({ last, name: source, succeededAt }: SourcePicture): Finding => {
  const name = refusedBy(`source:${source}`)
  if (last?.outcome !== "failed") return known(name, succeededAt)
  if (last.kind !== "AuthRefused") return { ...name, state: "open" }
  return {
    ...name,
    state: "holds",
    since: last.at,
    problem: `Source ${source} refuses the credentials: it is not read.`,
    remedy: `Correct them in \`sources.${source}\`, and restart.`
  }
}

/** It was read to its end, and this is from when that is known. */
const known = (name: AlarmName, succeededAt: string | null): Finding =>
  succeededAt === null ? { ...name, state: "open" } : { ...name, state: "well", asOf: succeededAt }

/** Told by their kind: the words of a file or a vendor are not ours. */
const reasons: Readonly<Record<string, string>> = {
  AuthRefused: "it refuses the credentials",
  ConfigInvalid: "its settings are wrong",
  PermissionMissing: "something it needs may not be read",
  RateLimited: "it asks for fewer requests",
  Unavailable: "it cannot be reached",
  Malformed: "what it gives cannot be read",
  Truncated: "it breaks off"
}

const failing = ({ failures: count, last, name: source, succeededAt }: SourcePicture): Finding => {
  const name = { alarm: "source-failing", key: `source:${source}` } as const
  if (last?.outcome !== "failed") return known(name, succeededAt)
  if (count < 2) return { ...name, state: "open" }
  const why = reasons[last.kind ?? ""]
  return {
    ...name,
    state: "holds",
    since: succeededAt ?? last.at,
    problem: `Source ${source} could not be read ${count} times in a row${why === undefined ? "" : `: ${why}`}. Its people stay as they are.`,
    remedy: "`rollcall check` and the log say what is wrong; it is read again at its next time.",
    ...(last.kind === "AuthRefused" ? { unless: refusedBy(`source:${source}`) } : {})
  }
}

const silent = ({ due, name: source, succeededAt }: SourcePicture, look: Look): Finding => {
  const name = { alarm: "silence", key: `source:${source}` } as const
  const since = succeededAt ?? look.picture.startedAt
  // Whoever is read once a week is not silent in between.
  if (due === null || look.now - millisOf(due) < patienceOf(look) || !isSilent(since, look)) {
    return known(name, succeededAt)
  }
  if (!hasSettledIn(look)) return { ...name, state: "open" }
  return {
    ...name,
    state: "holds",
    since,
    problem: `Source ${source} was not read to its end for ${span(look.now - millisOf(since))}.`,
    remedy: "`rollcall status` shows its last reading, `rollcall check` says whether it can be read."
  }
}

const unsettled = (look: Look): Finding => {
  const { sending, sink, startedAt } = look.picture
  const name = { alarm: "silence", key: `sink:${sink}` } as const
  const since = sending.settledAt ?? sending.settledBefore ?? startedAt
  if (!isSilent(since, look)) return known(name, sending.settledAt)
  if (!hasSettledIn(look)) return { ...name, state: "open" }
  const paused = sending.doing === "paused" ? " Sending is paused." : ""
  return {
    ...name,
    state: "holds",
    since,
    problem: `Nothing was brought to its end at Together for ${span(look.now - millisOf(since))}.${paused}`,
    remedy: "`rollcall status` shows what waits and why; `rollcall resume` ends a pause."
  }
}

const isSilent = (since: string, { limits, now }: Look): boolean => now - millisOf(since) >= limits.silenceHours * hour

const patienceOf = ({ limits }: Look): number => Math.min(leeway, limits.silenceHours * hour)

const hasSettledIn = (look: Look): boolean => look.now - millisOf(look.picture.startedAt) >= patienceOf(look)

const backlog = (look: Look): Finding => {
  const { limits, now, picture } = look
  const { leastMillis, oldestChange } = picture.sending
  const name = { alarm: "backlog", key: `sink:${picture.sink}` } as const
  const age = oldestChange === null ? 0 : now - millisOf(oldestChange)
  const [mostMillis, mostAge] = [limits.backlogHours * hour, limits.waitingHours * hour]
  if (leastMillis > mostMillis || age > mostAge) {
    const oldest = oldestChange === null ? "" : ` The oldest change waits for ${span(age)}.`
    return {
      ...name,
      state: "holds",
      since: oldestChange ?? isoOf(now),
      problem: `What waits for Together takes ${span(leastMillis)} at least.${oldest}`,
      remedy:
        "`rollcall plan` shows what it is. Ask Together for a higher limit if it is right; mend the source if it is not."
    }
  }
  // What waits since the process began may have waited before.
  const isOlder = oldestChange !== null && millisOf(oldestChange) - millisOf(picture.startedAt) < patienceOf(look)
  const isRelieved = leastMillis <= mostMillis * relief && age <= mostAge * relief
  return { ...name, state: isRelieved && !isOlder && hasPlan(picture.sending) ? "well" : "open" }
}

const letters = ({ limits, now, picture: { sending, sink } }: Look): Finding => {
  const name = { alarm: "dead-letters", key: `sink:${sink}` } as const
  const { freshLetters: fresh } = sending
  if (fresh === null) return { ...name, state: "open" }
  const most = limits.deadLettersPerDay
  if (fresh <= most) return { ...name, state: fresh <= most * relief ? "well" : "open" }
  return {
    ...name,
    state: "holds",
    since: isoOf(now - 24 * hour),
    problem: `Together refused ${fresh} people within a day, where ${most} are taken as usual.`,
    remedy: "`rollcall dead-letters` says whom, and why; many with one reason point to the mapping or to a source."
  }
}

/** `5 h`, `12 min`. */
const span = (millis: number): string =>
  millis >= 2 * hour ? `${Math.round(millis / hour)} h` : `${Math.max(1, Math.round(millis / minute))} min`

/** An alarm that stands: raised, and not ended. */
export type Standing = Omit<AlarmRaised, "type" | "owed">

export const nameOf = ({ alarm, key }: AlarmName): string => `${alarm} ${key}`

/** What to raise and what to end. What is not found at all (a source that is configured no more) ends, too. */
export const decide = (
  standing: ReadonlyMap<string, Standing>,
  findings: ReadonlyArray<Finding>
): { readonly raise: ReadonlyArray<Holding>; readonly end: ReadonlyArray<Standing> } => {
  const found = new Map(findings.map((finding) => [nameOf(finding), finding]))
  const stands = (name: AlarmName) => standing.has(nameOf(name)) || found.get(nameOf(name))?.state === "holds"
  const raise = findings
    .filter((finding) => finding.state === "holds")
    .filter((finding) => !standing.has(nameOf(finding)))
    .filter(({ unless }) => unless === undefined || !stands(unless))
  const end = [...standing.values()].filter((alarm) => {
    const now = found.get(nameOf(alarm))
    if (now === undefined) return true
    return now.state === "well" && (now.asOf === undefined || millisOf(now.asOf) > millisOf(alarm.at))
  })
  return { raise, end }
}
