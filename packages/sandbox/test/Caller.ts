/**
 * A plain caller of the stand-in, made of fetch alone: the tests speak HTTP and never import a client.
 * Used by every test of this package.
 */
import { Effect, Option } from "effect"

import type { TogetherSandbox } from "../src/TogetherServer.ts"
import { demoCredentials } from "../src/TogetherSettings.ts"

export interface Call {
  readonly method?: string
  readonly path?: string
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Record<string, string>
  readonly without?: string
  readonly signal?: AbortSignal
}

export interface Reply {
  readonly status: number
  readonly text: string
  readonly json: unknown
  readonly headers: Headers
}

export const goodHeaders: Record<string, string> = {
  "organization-id": demoCredentials.organizationId,
  "client-id": demoCredentials.clientId,
  "api-key": demoCredentials.apiKey,
  "content-type": "application/json"
}

export const gary = {
  employeeId: "e-1",
  firstName: "Gary",
  lastName: "Smith",
  email: "gary@example.com",
  employeeStatusCode: "A"
}

export const person = (n: number, more: Record<string, unknown> = {}) => ({
  employeeId: `e-${n}`,
  firstName: `First${n}`,
  lastName: `Last${n}`,
  email: `person${n}@example.com`,
  employeeStatusCode: "A",
  ...more
})

export const call = (sandbox: TogetherSandbox, options: Call = {}): Effect.Effect<Reply> =>
  Effect.promise(() => callNow(sandbox, options))

/** A post of users, the operation most tests are about. */
export const post = (sandbox: TogetherSandbox, body: unknown) =>
  call(sandbox, { method: "POST", path: "/public/user", body })

/** The stored fields of one user as the judge's side sees them. */
export const stored = (sandbox: TogetherSandbox, employeeId: string) =>
  Effect.map(sandbox.users, (users) =>
    Option.getOrUndefined(
      Option.map(
        Option.fromUndefinedOr(users.find((user) => user.fields["employeeId"] === employeeId)),
        (user) => user.fields
      )
    )
  )

export const callNow = async (sandbox: TogetherSandbox, options: Call): Promise<Reply> => {
  const headers = { ...goodHeaders, ...options.headers }
  if (options.without !== undefined) delete headers[options.without]
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  const response = await fetch(`${sandbox.url}${options.path ?? "/public/user"}`, {
    method: options.method ?? "GET",
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal })
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, text, json, headers: response.headers }
}
