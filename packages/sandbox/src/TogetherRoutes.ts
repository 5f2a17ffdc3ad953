/**
 * The vendor's operations as one pure function: from a request, the users and the registrations to an answer, the users and
 * the registrations. Credentials first, then sizes, then JSON, then the operation.
 * Called by TogetherServer once per request that is to be applied. It never judges the rate, never knows about faults, and
 * never touches a socket.
 */
import { Option, Predicate } from "effect"

import { upsertArray } from "./TogetherArrays.ts"
import { register } from "./TogetherPrograms.ts"
import type { TogetherSettings } from "./TogetherSettings.ts"
import type { TogetherWorld } from "./TogetherState.ts"
import { byUserId, everyone, refusedByMark, shown, updateById, upsert } from "./TogetherUsers.ts"
import type { Refused, TogetherUser, UpsertOutcome } from "./TogetherUsers.ts"

/** A request as the routes see it, the body read to its end. */
export interface TogetherRequest {
  readonly method: string
  readonly url: URL
  readonly header: (name: string) => string | undefined
  readonly body: Body
}

/** `json` is none when the text is no JSON. */
export interface Body {
  readonly tooLarge: boolean
  readonly json: Option.Option<unknown>
}

/** What goes back; without `body` nothing but status and headers is sent. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

/** The answer and what changed. */
export interface Decision {
  readonly answer: Answer
  readonly users: TogetherWorld["users"]
  readonly registrations: TogetherWorld["registrations"]
  readonly duplicates: number
}

type Operation = (world: TogetherWorld, request: TogetherRequest, settings: TogetherSettings) => Decision

/** Answers one request. */
export const decideRequest: Operation = (world, request, settings) => {
  const operation = operationOf(request.method, request.url.pathname)
  if (operation === undefined) return says(world, 404, { error: "there is no such operation" })
  const unauthenticated = credentialProblem(request, settings)
  if (unauthenticated !== undefined) return says(world, 401, { error: unauthenticated })
  if (request.body.tooLarge || membersOf(request.body) > settings.maxMembers) {
    return says(world, 413, { error: "the body is too large, send fewer users" })
  }
  if (request.method === "POST" && Option.isNone(request.body.json)) {
    return says(world, 400, { error: "the body is not valid JSON" })
  }
  return operation(world, request, settings)
}

/** How many users a body carries: the length of an array, 1 for an object, else 0. */
export const membersOf = ({ json }: Body): number => {
  const value = Option.getOrUndefined(json)
  return Array.isArray(value) ? value.length : Predicate.isObject(value) ? 1 : 0
}

const operationOf = (method: string, path: string): Operation | undefined => {
  const [root, second, third, ...rest] = path.split("/").slice(1)
  if (root !== "public" || second === undefined || second === "" || third === "" || rest.length > 0) return undefined
  if (third === "registerUser") return method === "POST" ? registerUser(decodedSegment(second)) : undefined
  if (second !== "user") return undefined
  if (third === undefined) return method === "POST" ? postUsers : method === "GET" ? listUsers : undefined
  return method === "POST"
    ? postUser(decodedSegment(third))
    : method === "GET"
      ? getUser(decodedSegment(third))
      : undefined
}

const postUsers: Operation = (world, request, settings) => {
  const payload = Option.getOrUndefined(request.body.json)
  if (!Array.isArray(payload)) return answerUpsert(world, upsert(world.users, payload, settings))
  const { body, duplicates, status, users } = upsertArray(world.users, payload, settings.arrayMode, settings)
  return { answer: { status, body }, users, registrations: world.registrations, duplicates }
}

const postUser =
  (userId: string): Operation =>
  (world, request, settings) =>
    answerUpsert(world, updateById(world.users, userId, Option.getOrUndefined(request.body.json), settings))

const getUser =
  (userId: string): Operation =>
  (world) => {
    const user = byUserId(world.users, userId)
    if (user === undefined) return says(world, 404, { error: "there is no user with this userId" })
    const gone = user.mark === "gone" ? refusedByMark(user) : undefined
    return gone === undefined ? says(world, 200, shown(user)) : says(world, gone.status, problemBody(gone))
  }

const registerUser =
  (organizationId: string): Operation =>
  (world, request, settings) => {
    if (organizationId !== settings.credentials.organizationId) {
      return says(world, 401, { error: "the organization in the path is not the one of the credentials" })
    }
    const payload = Option.getOrUndefined(request.body.json)
    const { body, registrations, status } = register(world.registrations, world.users, settings.programs, payload)
    return { answer: { status, body }, users: world.users, registrations, duplicates: 0 }
  }

const listUsers: Operation = (world, request, settings) => {
  const users = everyone(world.users).filter((user) => user.mark !== "gone")
  if (settings.listShape === "array") return says(world, 200, users.map(shown))
  if (settings.listShape === "envelope") return says(world, 200, { users: users.map(shown) })
  return listPage(world, users, request.url, settings.pageSize)
}

const listPage = (world: TogetherWorld, users: ReadonlyArray<TogetherUser>, url: URL, pageSize: number): Decision => {
  const page = Number(url.searchParams.get("page") ?? 1)
  const asked = Number(url.searchParams.get("per_page") ?? pageSize)
  if (!Number.isInteger(page) || !Number.isInteger(asked) || page < 1 || asked < 1) {
    return says(world, 400, { error: "page and per_page must be whole numbers from 1" })
  }
  const perPage = Math.min(asked, pageSize)
  const body = users.slice((page - 1) * perPage, page * perPage).map(shown)
  const next = new URL(url)
  next.searchParams.set("page", String(page + 1))
  next.searchParams.set("per_page", String(perPage))
  const headers = page * perPage < users.length ? { link: `<${next.href}>; rel="next"` } : {}
  return { ...says(world, 200, body), answer: { status: 200, body, headers } }
}

const answerUpsert = (world: TogetherWorld, outcome: UpsertOutcome): Decision => {
  if (outcome._tag === "Refused") return says(world, outcome.status, problemBody(outcome))
  const answer = outcome.status === 204 ? { status: 204 } : { status: outcome.status, body: shown(outcome.user) }
  return {
    answer,
    users: outcome.users,
    registrations: world.registrations,
    duplicates: outcome.duplicate ? 1 : 0
  }
}

const problemBody = ({ field, reason }: Refused) => ({ error: reason, ...(field === undefined ? {} : { field }) })

const credentialProblem = ({ header }: TogetherRequest, { credentials }: TogetherSettings): string | undefined => {
  const expected = [
    ["organization-id", credentials.organizationId],
    ["client-id", credentials.clientId],
    ["api-key", credentials.apiKey]
  ] as const
  for (const [name, value] of expected) {
    if (header(name) === undefined) return `header ${name} is missing`
    if (header(name) !== value) return `header ${name} is wrong`
  }
  const contentType = header("content-type")?.split(";")[0]?.trim().toLowerCase()
  return contentType === "application/json" ? undefined : "header content-type must be application/json"
}

const says = (world: TogetherWorld, status: number, body: unknown): Decision => ({
  answer: { status, body },
  users: world.users,
  registrations: world.registrations,
  duplicates: 0
})

/** A path segment in clear; a broken escape stays as it is and matches nothing. */
export const decodedSegment = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
