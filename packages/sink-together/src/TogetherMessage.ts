/**
 * What is posted to Together, as text: a path and a body, byte for byte.
 *
 * Pure. `TogetherClient` posts it, and the log keeps a hash of it, so that an audit can compose the same request again
 * from the events and compare. What is secret in a path stands there by its name.
 */
import type { Cargo, Registration, Upsert } from "@rollcall/core/contract/Sink"

import { toWire } from "./TogetherWire.ts"

export interface Message {
  /** `:organizationId` stands for Together's id of the organization. */
  readonly path: string
  readonly body: string
}

type Member = Pick<Upsert, "employeeId" | "fields">

/** `POST /public/user`: one person as an object, several as an array. */
export const upsertMessage = (members: ReadonlyArray<Member>): Message => {
  const users = members.map(({ employeeId, fields }) => toWire(employeeId, fields))
  return { path: "/public/user", body: JSON.stringify(users.length === 1 ? users[0] : users) }
}

/** `POST /public/user/:userId`: ties the entry to the key and patches it. */
export const linkMessage = (userId: string, { employeeId, fields }: Member): Message => ({
  path: `/public/user/${encodeURIComponent(userId)}`,
  body: JSON.stringify(toWire(employeeId, fields))
})

/** `POST /public/:organizationId/registerUser`, with exactly one identity and nothing that is not documented. */
export const registerMessage = ({ employeeId, programId, roles, matchTypeIds }: Registration): Message => ({
  path: "/public/:organizationId/registerUser",
  body: JSON.stringify({ employeeId, programId, roles, ...(matchTypeIds === undefined ? {} : { matchTypeIds }) })
})

/** `compose` of core's `Sink`. */
export const compose = (cargo: Cargo): string => {
  const { body, path } = messageOf(cargo)
  return `POST ${path}\n${body}`
}

const messageOf = (cargo: Cargo): Message => {
  if ("registration" in cargo) return registerMessage(cargo.registration)
  const [first] = cargo.upserts
  return first?.userId === undefined ? upsertMessage(cargo.upserts) : linkMessage(first.userId, first)
}
