/**
 * A log of made-up histories: people who appear, are created at Together, change, change for a day to come, vanish and
 * come back; appended in the order of time, as syncs would, so that a person's events lie far apart.
 *
 * The same events for the same number; a fifth of them are people. Nobody in it is real.
 */
import { randomUUID } from "node:crypto"

import { EventLog } from "@rollcall/core/contract/EventLog"
import { sha256 } from "@rollcall/core/domain/Digest"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"

const titles = ["Engineer", "Analyst", "Nurse", "Driver", "Consultant, Senior", "Technician", "Clerk", "Head of Unit"]
const given = ["Ada", "Björn", "Chidi", "Élodie", "Fatima", "Grzegorz", "Hana", "João", "Kwame", "Łucja"]
const family = ["Ångström", "Brontë", "Chandra", "Dvořák", "Eze", "Ferrari", "Haddad", "Ito", "Jovanović"]

const keyOf = (n: number): string => String(n).padStart(7, "0")

const twelveFields = (n: number): Fields => ({
  firstName: given[n % given.length] as string,
  lastName: family[(n * 7) % family.length] as string,
  email: `person${n}@example.com`,
  status: "active",
  supervisorId: n === 0 ? null : keyOf(Math.floor((n - 1) / 8)),
  title: titles[(n * 3) % titles.length] as string,
  departmentId: `D${n % 16}`,
  departmentName: `Department ${n % 16}`,
  officeId: `O${n % 40}`,
  addressCountry: "CA",
  employeeTypeCode: "REG",
  originalHireDate: `20${String(n % 25).padStart(2, "0")}-${String((n % 12) + 1).padStart(2, "0")}-15`
})

const dayOf = (n: number): string =>
  `2026-${String((n % 9) + 1).padStart(2, "0")}-${String((n % 28) + 1).padStart(2, "0")}`

const said = (n: number, turn: number) => ({
  source: "hr",
  run: `run-${turn % 90}`,
  day: dayOf(turn),
  employeeId: keyOf(n),
  locator: `roster.csv:${n + 2}`
})

const answered = (n: number, turn: number, fields: Fields) => ({
  sink: "together",
  decidedAt: turn,
  clock: `${dayOf(turn)}T12:00:00.000Z`,
  request: `00000000-0000-4000-8000-${String(Math.floor(turn / 100)).padStart(12, "0")}`,
  members: 100,
  payloadHash: sha256(`${n} ${turn}`),
  configurationHash: sha256("configuration"),
  employeeId: keyOf(n),
  fields
})

/** Person number, event, and the day it holds from. */
type Turn = readonly [number, Event, string | null]

/** Everybody appears, everybody is created, and then changes and answers take turns. */
const eventAt = (turn: number, people: number): Turn => {
  if (turn < people) return [turn, { type: "EmployeeAppeared", ...said(turn, 0), fields: twelveFields(turn) }, null]
  if (turn >= 2 * people) return laterEvent(turn, people, Math.floor((turn - 2 * people) / 2))
  const n = turn - people
  return [n, { type: "UserCreated", status: 201, ...answered(n, turn, twelveFields(n)) }, null]
}

const laterEvent = (turn: number, people: number, pair: number): Turn => {
  // Squared: some people change far more often than others.
  const n = Math.floor((((pair * 7919) % people) / people) ** 2 * people)
  const [kind, isSecond] = [pair % 20, turn % 2 === 1]
  if (kind === 0 && isSecond && pair % 40 !== 0)
    return [n, { type: "EmployeeAppeared", ...said(n, turn), fields: twelveFields(n) }, null]
  if (kind === 0 && !isSecond) {
    const { locator: _, ...absent } = said(n, turn)
    return [n, { type: "EmployeeVanished", ...absent }, null]
  }
  const fields = changeOf(pair)
  if (isSecond) return [n, { type: "UserUpdated", status: 200, ...answered(n, turn, fields) }, null]
  const isPlanned = kind === 1 || kind === 2
  const event: Event = { type: "EmployeeChanged", ...said(n, turn), fields }
  return [n, event, isPlanned ? `2027-0${(pair % 9) + 1}-01` : null]
}

const changeOf = (pair: number): Fields =>
  pair % 3 === 0
    ? { title: titles[pair % titles.length] as string, officeId: `O${pair % 40}` }
    : { departmentId: `D${pair % 16}`, departmentName: `Department ${pair % 16}` }

const atOnce = 20_000

/** Appends so many events through the real log. */
export const writeHistories = Effect.fnUntraced(function* (organization: OrganizationId, events: number) {
  const log = yield* EventLog
  const people = Math.max(1, Math.floor(events / 5))
  const newEvent = (turn: number): NewEvent => {
    const [n, event, effectiveOn] = eventAt(turn, people)
    const actor = event.type.startsWith("User") ? "sink:together" : "source:hr"
    return { stream: employeeStream(organization, keyOf(n)), event, actor, effectiveOn, causation: null }
  }
  for (let start = 0; start < events; start += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, events - start) }, (_, i) => newEvent(start + i))
    yield* log.append(organization, { appendKey: randomUUID(), events: some })
  }
  return people
})
