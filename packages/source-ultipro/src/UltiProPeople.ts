/**
 * From rows of person-details to what is said of people, page by page, with their employments beside them.
 *
 * `UltiProSource` hands in every page of a snapshot. The page before is held back until the next has come, because rows move
 * between pages while a list is read: of two rows of one person the later is then taken. Nobody is dropped in silence:
 * who cannot be understood is refused by name, and counts as present.
 */
import { Complete, Incomplete, Noticed, Record, Rejected, type SourceMessage } from "@rollcall/core/contract/Source"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import { Hash, Predicate } from "effect"

import { type EmploymentRules, type Standing, standingOf } from "./UltiProEmployment.ts"
import { employmentDetails, locatorOf, personDetails } from "./UltiProEndpoint.ts"
import type { FieldFault, Mapping } from "./UltiProMapping.ts"
import type { Taken } from "./UltiProPages.ts"
import type { Employment, EmploymentTable, Place } from "./UltiProTable.ts"
import { counted, Tally } from "./UltiProTally.ts"
import type { NamedEmployment, PersonRow } from "./UltiProWire.ts"

/** UltiPro has no cursor: a snapshot is read as a whole or not at all. */
export type UltiProMessage = SourceMessage<never>

/** A row of person-details and where it stood. */
export interface Person extends Place {
  readonly is: PersonRow
}

export class People {
  readonly #table: EmploymentTable
  readonly #mapping: Mapping
  readonly #rules: EmploymentRules
  readonly #tally = new Tally()
  /** Marks of people who have no employment, and so no place in the table. */
  readonly #strays = new Map<EmployeeId, number>()
  #held = new Map<EmployeeId, Person>()
  #rows = 0
  #total = 0
  #keylessPeople = 0
  #keylessEmployments = 0

  constructor(table: EmploymentTable, mapping: Mapping, rules: EmploymentRules) {
    this.#table = table
    this.#mapping = mapping
    this.#rules = rules
  }

  /** Rows of person-details taken in. */
  get rows(): number {
    return this.#rows
  }

  /** Takes in a page of employment-details; all of them come before the first of person-details. */
  takeEmployments(rows: ReadonlyArray<NamedEmployment>, page: number): Taken<UltiProMessage> {
    const out: Array<UltiProMessage> = []
    let fresh = 0
    for (const [index, { employeeId, row }] of rows.entries()) {
      const place = { page, row: index + 1 }
      const put = Predicate.isString(employeeId) ? this.#table.put(employeeId, row, place) : "keyless"
      if (put === "keyless") {
        this.#keylessEmployments++
        out.push(keyless(locatorOf(employmentList, page, place.row)))
      } else if (put === "changed") this.#tally.changedEmployments++
      if (put === "keyless" || put === "new") fresh++
    }
    return { fresh, out }
  }

  /** Takes in a page of person-details and says what the page before it held. */
  take(rows: ReadonlyArray<PersonRow>, page: number): Taken<UltiProMessage> {
    const refusals: Array<UltiProMessage> = []
    const current = new Map<EmployeeId, Person>()
    let fresh = 0
    this.#rows += rows.length
    for (const [index, is] of rows.entries()) {
      const person = { is, page, row: index + 1 }
      if (!Predicate.isString(is.employeeId)) {
        fresh++
        this.#keylessPeople++
        refusals.push(keyless(locatorOf(personDetails.name, page, person.row)))
      } else if (this.#isNew(is.employeeId, person, current)) {
        fresh++
        current.set(is.employeeId, person)
      }
    }
    const held = this.#held
    this.#held = current
    return { fresh, out: this.#sayAll(held, refusals) }
  }

  /** What is left to say when the last page was taken in, and whether this was everybody. */
  *close(): Generator<UltiProMessage> {
    yield* this.#sayAll(this.#held, [])
    yield* this.#refuseUnheard()
    const isReported = (employeeId: string) => (this.#mark(employeeId) & reported) !== 0
    for (const message of this.#tally.notices(isReported)) yield Noticed({ message })
    yield this.#ending()
  }

  /** Whether nobody of that name came before; if so, the later of the rows is seen to be taken. */
  #isNew(key: EmployeeId, person: Person, current: Map<EmployeeId, Person>): boolean {
    const before = current.get(key) ?? this.#held.get(key)
    const mark = before === undefined ? this.#mark(key) : markOf(before.is)
    if (mark === 0) return true
    const differs = (mark & ~reported) !== (markOf(person.is) & ~reported)
    if (!differs) return false
    if (before === undefined) {
      this.#tally.latePeople++
      return false
    }
    this.#tally.changedPeople++
    this.#held.delete(key)
    current.set(key, person)
    return false
  }

  *#sayAll(people: Map<EmployeeId, Person>, before: ReadonlyArray<UltiProMessage>): Generator<UltiProMessage> {
    yield* before
    for (const [key, person] of people) {
      yield* this.#say(key, person)
      people.delete(key)
    }
  }

  #say(key: EmployeeId, person: Person): ReadonlyArray<UltiProMessage> {
    const said = sayPerson(key, person, this.#table.of(key), this.#mapping, this.#rules)
    this.#setMark(key, markOf(person.is) | (Predicate.isString(said) ? 0 : reported))
    if (said === "transferred-out") this.#tally.movedOut++
    if (Predicate.isString(said)) return []
    this.#total++
    this.#count(said)
    return said.messages
  }

  #count({ messages, open }: Said): void {
    if (open > 1) this.#tally.severalOpen++
    const record = messages.find((message) => message._tag === "Record")
    if (record === undefined) return
    const { email, supervisorId } = record.fields
    if (Predicate.isString(email)) this.#tally.email(email)
    if (Predicate.isString(supervisorId)) this.#tally.supervisor(supervisorId)
  }

  /** Employments of people who are not in person-details: they are there, but there is nothing to say of them. */
  *#refuseUnheard(): Generator<UltiProMessage> {
    for (const key of this.#table.unheard()) {
      const employments = this.#table.of(key)
      const [first] = employments
      if (first === undefined || Predicate.isString(standingOf(employments, undefined, this.#rules))) continue
      this.#total++
      const locator = locatorOf(employmentList, first.page, first.row)
      yield Rejected({ key, reason: "reference-unknown", message: noPerson, locator })
    }
  }

  #ending(): UltiProMessage {
    const doubts = [
      ...(this.#keylessPeople === 0 ? [] : [`${counted(this.#keylessPeople, "row")} of ${personDetails.name}`]),
      ...(this.#keylessEmployments === 0 ? [] : [`${counted(this.#keylessEmployments, "row")} of ${employmentList}`])
    ]
    if (doubts.length === 0) return Complete({ total: this.#total })
    return Incomplete({ reason: `It is not known whom ${doubts.join(" and ")} are about.` })
  }

  #mark(key: EmployeeId): number {
    return this.#table.heard(key) || (this.#strays.get(key) ?? 0)
  }

  #setMark(key: EmployeeId, mark: number): void {
    if (this.#table.has(key)) this.#table.hear(key, mark >>> 0)
    else this.#strays.set(key, mark)
  }
}

const employmentList = employmentDetails(undefined).name

/** The bit of a mark that says whether anything was reported; the others tell one row from another, and are not all 0. */
const reported = 1

const markOf = (row: PersonRow): number => (Hash.string(JSON.stringify(row)) | 3) ^ reported

const keyless = (locator: string): UltiProMessage =>
  Rejected({
    field: "employeeId",
    reason: "key-missing",
    message: "The row has no employeeId that can be read, so it is not known whom it is about.",
    locator
  })

const noPerson = "There is an employment of this person, but UltiPro does not list the person under person-details."

const noEmployment = "UltiPro lists the person, but no employment of theirs under employment-details."

/** All that a snapshot says of one person. */
export interface Said {
  readonly messages: ReadonlyArray<UltiProMessage>
  /** Employments that have not ended. */
  readonly open: number
}

/** What is said of one person, oldest first; or why nothing is. */
export const sayPerson = (
  key: EmployeeId,
  person: Person,
  employments: ReadonlyArray<Employment>,
  mapping: Mapping,
  rules: EmploymentRules
): Said | string => {
  if (employments.length === 0) return { messages: [withoutEmployment(key, person)], open: 0 }
  const standing = standingOf(employments, person.is.companyId, rules)
  return Predicate.isString(standing)
    ? standing
    : { messages: sayStanding(key, person, standing, mapping), open: standing.open }
}

const withoutEmployment = (key: EmployeeId, { page, row }: Person): UltiProMessage =>
  Rejected({
    key,
    reason: "reference-unknown",
    message: noEmployment,
    locator: locatorOf(personDetails.name, page, row)
  })

const sayStanding = (
  key: EmployeeId,
  person: Person,
  { later, now }: Standing,
  mapping: Mapping
): ReadonlyArray<UltiProMessage> => {
  const out: Array<UltiProMessage> = []
  const told = new Set<string>()
  const say = (employment: Employment, effectiveOn?: string): void => {
    const { faults, fields } = mapping(person.is, employment.is)
    const locator = `${locatorOf(personDetails.name, person.page, person.row)}+${locatorOf(employmentList, employment.page, employment.row).replace("ultipro:", "")}`
    out.push(Record({ key, fields, locator, ...(effectiveOn === undefined ? {} : { effectiveOn }) }))
    for (const fault of faults) {
      if (!told.has(fault.field)) out.push(refused(key, fault, locator))
      told.add(fault.field)
    }
  }
  if (now !== undefined) say(now)
  if (later !== undefined) say(later.employment, later.from)
  return out
}

/** One field without an opinion; at the place of the record, whose other fields stand. */
const refused = (key: EmployeeId, { fault, field }: FieldFault, locator: string): UltiProMessage =>
  Rejected({
    key,
    field,
    reason: fault.reason,
    message: fault.message,
    locator,
    ...(fault.value === undefined ? {} : { value: fault.value })
  })
