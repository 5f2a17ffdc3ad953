/**
 * What goes out for one person, made of what was decided about them: the fields to send, or the place to ask for.
 *
 * Pure. `Decide` asks just before a request is made, `Recompute` asks again whatever was asked then: both get the same.
 */
import type { Registration, Upsert } from "../contract/Sink.ts"
import type { Fields } from "../domain/Field.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Consideration, withoutSupervisor } from "./Consider.ts"
import { placements } from "./Programs.ts"
import { type Person, isThere } from "./Reduce.ts"

/** The manager whom what is sent would name. */
export const supervisorOf = (considered: Consideration): string | undefined => {
  const fields = fieldsOf(considered)
  return typeof fields?.supervisorId === "string" ? fields.supervisorId : undefined
}

const fieldsOf = (considered: Consideration): Fields | undefined =>
  considered._tag === "Send" ? considered.changes : considered._tag === "Refresh" ? considered.fields : undefined

/**
 * Nothing, where there is nothing (more) to send, or only a manager who is not `there` yet: managers with an entry at
 * Together, to which a report can be tied.
 */
export const upsertOf = (
  person: Person,
  considered: Consideration,
  there: ReadonlySet<string | undefined>
): ReadonlyArray<Upsert> => {
  const whole = fieldsOf(considered)
  if (whole === undefined || !("employeeId" in considered)) return []
  const supervisor = supervisorOf(considered)
  const owed = supervisor !== undefined && !there.has(supervisor)
  const fields = owed ? withoutSupervisor(whole) : whole
  if (Object.keys(fields).length === 0) return []
  const { sink, stream, version } = person
  const { employeeId } = considered
  const isRefresh = considered._tag === "Refresh"
  const upsert = {
    stream,
    version,
    employeeId,
    known: isRefresh || considered.known,
    fields,
    news: isRefresh ? {} : fields
  }
  const userId = considered._tag === "Send" ? considered.userId : undefined
  return [{ ...upsert, ...(userId === undefined ? {} : { userId }), ...(sink.doubted ? { alone: true } : {}) }]
}

/** The place in a program that a person is still to get, if Together has the person by now. */
export const registrationOf = (
  person: Person,
  programId: string | undefined,
  policy: Policy,
  moment: Moment
): ReadonlyArray<Registration> => {
  const { employeeId, stream, version } = person
  if (!isThere(person) || employeeId === undefined) return []
  return placements(person, policy, moment).flatMap((placement) =>
    placement._tag === "due" && placement.place.programId === programId
      ? [{ stream, version, employeeId, ...placement.place }]
      : []
  )
}
