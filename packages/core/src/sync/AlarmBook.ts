/**
 * What was raised and not ended, and what the webhook is still owed: the fold of the stream `alarms`.
 *
 * Pure. The service folds it when it begins and goes on with each event of its own; another process that wrote meanwhile
 * is noticed by the stream's version.
 */
import type { AlarmEnded, AlarmEvent, AlarmRaised } from "../domain/AlarmEvent.ts"
import type { Event, NewEvent, RecordedEvent } from "../domain/Event.ts"
import { type Finding, type Standing, decide, nameOf } from "./Alarms.ts"

/** What is told, to people and to the webhook. */
export interface Notice extends Omit<Standing, "notice"> {
  readonly id: string
  readonly state: "raised" | "ended"
}

export interface AlarmBook {
  /** By alarm and key. */
  readonly standing: ReadonlyMap<string, Standing>
  /** Oldest first. */
  readonly owed: ReadonlyArray<Notice>
  /** Of the stream. */
  readonly version: number
}

export const alarmStream = "alarms"

export const emptyBook: AlarmBook = { standing: new Map(), owed: [], version: 0 }

/** The event, and what it has to tell. */
export interface Told {
  readonly event: AlarmRaised | AlarmEnded
  readonly notice: Notice
}

/** What the book says after the event; `version` is left alone. */
export const enter = (book: AlarmBook, event: AlarmEvent): AlarmBook => {
  if (event.type === "AlarmDelivered") return { ...book, owed: book.owed.filter(({ id }) => id !== event.notice) }
  const standing = new Map(book.standing)
  const before = standing.get(nameOf(event))
  if (event.type === "AlarmRaised") {
    const { owed: _owed, type: _type, ...raised } = event
    standing.set(nameOf(event), raised)
  } else standing.delete(nameOf(event))
  const notice = event.type === "AlarmRaised" ? noticeOf(event, event) : before && noticeOf(event, before)
  const owed = event.owed === true && notice !== undefined ? [...book.owed, notice] : book.owed
  return { ...book, standing, owed }
}

const noticeOf = ({ at, notice, type }: AlarmRaised | AlarmEnded, raised: Standing): Notice => ({
  id: notice,
  alarm: raised.alarm,
  key: raised.key,
  state: type === "AlarmRaised" ? "raised" : "ended",
  at,
  problem: raised.problem,
  remedy: raised.remedy,
  since: raised.since
})

const isAlarm = (event: Event): event is AlarmEvent => event.type.startsWith("Alarm")

export const foldAlarms = (events: ReadonlyArray<RecordedEvent>): AlarmBook =>
  events.reduce<AlarmBook>(
    (book, { event, version }) => ({ ...(isAlarm(event) ? enter(book, event) : book), version }),
    emptyBook
  )

interface Occasion {
  readonly at: string
  /** A webhook is configured. */
  readonly owed: boolean
  /** A new UUID each time. */
  readonly name: () => string
}

/** What is to be told now: ends first, in the order in which they were raised. */
export const tell = (
  { standing }: AlarmBook,
  findings: ReadonlyArray<Finding>,
  { at, name, owed }: Occasion
): ReadonlyArray<Told> => {
  const { end, raise } = decide(standing, findings)
  const due = owed ? ({ owed: true } as const) : {}
  return [
    ...end.map((alarm): Told => {
      const event: AlarmEnded = { type: "AlarmEnded", alarm: alarm.alarm, key: alarm.key, notice: name(), at, ...due }
      return { event, notice: noticeOf(event, alarm) }
    }),
    ...raise.map(({ alarm, key, problem, remedy, since }): Told => {
      const event: AlarmRaised = { type: "AlarmRaised", alarm, key, notice: name(), at, since, problem, remedy, ...due }
      return { event, notice: noticeOf(event, event) }
    })
  ]
}

/** As the log takes it. */
export const alarmEntry = (event: AlarmEvent): NewEvent => ({
  stream: alarmStream,
  event,
  actor: "rollcall",
  effectiveOn: null,
  causation: null
})
