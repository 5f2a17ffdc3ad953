/**
 * What tests of erasures begin with: a person whose values are unmistakable, said in every way that the log knows, and
 * ways to look for them in all that a database holds.
 */
import { randomUUID } from "node:crypto"

import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { Groups } from "@rollcall/core/contract/Groups"
import { accountStream } from "@rollcall/core/directory/AccountRecord"
import { employeeStream, employeeUuid } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import { sql } from "kysely"

import { Database } from "../src/Database.ts"
import { admin, hrSays, idOf, person, says } from "./GivenDirectory.ts"

/** With letters beyond English, and marks that JSON escapes; no two have a value in common. */
export const newZoe = () => {
  const tag = randomUUID().slice(0, 8)
  return {
    key: `K-00zq-${tag}`,
    firstName: `Zoë "Quokka" ${tag}`,
    lastName: `Wümbat\\Ωmega ${tag}`,
    email: `zoe.${tag}@wümbat.example`,
    birth: `1907-03-09 ${tag}`,
    userId: `u-quokka-${tag}`,
    bio: `Bred quokkas on Rottnest ${tag}`
  }
}

export type Zoe = ReturnType<typeof newZoe>

/** Each value as it is, as JSON has it, and as JSON in letters of English alone. */
export const formsOf = (zoe: Zoe): ReadonlyArray<string> => [
  ...new Set(
    Object.values(zoe)
      .flatMap((value) => [value, value.toLowerCase(), value.toUpperCase()])
      .flatMap((value) => {
        const inJson = JSON.stringify(value).slice(1, -1)
        const inEnglish = inJson.replaceAll(
          /[^ -~]/g,
          (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`
        )
        return [value, inJson, inEnglish]
      })
  )
]

export const fieldsOf = (zoe: Zoe): Fields => ({
  firstName: zoe.firstName,
  lastName: zoe.lastName,
  email: zoe.email,
  dateOfBirth: zoe.birth,
  status: "active",
  departmentName: "Quiet Zoo"
})

export const ofOthers = (
  stream: string,
  event: Event,
  actor = "sink:together",
  effectiveOn: string | null = null
): NewEvent => ({ stream, event, actor, effectiveOn, causation: null })

/** Together's answer about somebody, as it might come at any time. */
export const answered = (log: OrganizationId, key: string, fields: Fields): NewEvent =>
  ofOthers(employeeStream(log, key), {
    type: "UserUpdated",
    sink: "together",
    decidedAt: 1,
    clock: "2026-01-02T12:00:00.000Z",
    request: "q",
    members: 1,
    payloadHash: "made of values",
    configurationHash: "c",
    employeeId: key,
    status: 200,
    fields
  })

/** A request that carried these people, with what only an erasure takes. */
const granted = (log: OrganizationId, keys: ReadonlyArray<string>): NewEvent => {
  const grant = {
    sink: "together",
    lane: "one",
    grant: 1,
    request: randomUUID(),
    members: keys.length,
    run: "r"
  } as const
  const made = {
    type: "RequestGranted",
    operation: "upsert",
    startsAfterMillis: 0,
    endsWithinMillis: 1,
    ...grant
  } as const
  const more = { people: keys.map((key) => employeeUuid(log, key)), requestHash: "made of values, too" }
  return ofOthers("lane:one", { ...made, ...more })
}

const rejected = (stream: string, value: string, employeeId?: string): NewEvent =>
  ofOthers(
    stream,
    {
      type: "SourceRecordRejected",
      source: "hr",
      run: "r",
      locator: "hr.csv:9",
      reason: "value-invalid",
      message: "not an address",
      field: "email",
      value,
      ...(employeeId === undefined ? {} : { employeeId })
    },
    "source:hr"
  )

/** Somebody at Together in no source, by Together's id of them. */
const remote = (log: OrganizationId, userId: string, employeeId?: string): NewEvent =>
  ofOthers(`remote:${employeeUuid(log, userId)}`, {
    type: "RemoteUserFound",
    sink: "together",
    request: "q",
    userId,
    ...(employeeId === undefined ? {} : { employeeId })
  })

/**
 * Zoe in all places, and others about her: Ada reports to her, Bob has nothing to do with her.
 */
export const everywhere = Effect.fnUntraced(function* (zoe: Zoe, id: string, log: OrganizationId) {
  const [accounts, employees, groups] = [yield* Accounts, yield* Employees, yield* Groups]
  yield* hrSays(
    log,
    says(log, zoe.key, fieldsOf(zoe)),
    says(log, "ada", person("Ada", { supervisorId: zoe.key, departmentName: "Loud Zoo" })),
    says(log, "bob", person("Bob", { departmentName: "Loud Zoo" })),
    answered(log, zoe.key, fieldsOf(zoe)),
    answered(log, "ada", { supervisorId: zoe.key }),
    answered(log, "bob", { firstName: "Bob" }),
    ofOthers(employeeStream(log, zoe.key), {
      type: "EntryFound",
      sink: "together",
      request: "q",
      keyed: false,
      userId: zoe.userId,
      employeeId: zoe.key,
      fields: {}
    }),
    granted(log, [zoe.key, "ada"]),
    granted(log, ["ada"]),
    rejected("source:hr", `<${zoe.email.toUpperCase()}>`),
    rejected(employeeStream(log, "bob"), zoe.key, "bob"),
    rejected(employeeStream(log, "bob"), "bob@", "bob"),
    remote(log, zoe.userId),
    remote(log, "u-other", "other")
  )
  const tied = yield* accounts.create(admin, id, { email: "login@acme.test", name: zoe.firstName })
  const own = yield* accounts.create(admin, id, { email: zoe.email.toUpperCase(), name: zoe.lastName })
  const uuid = idOf(log, zoe.key)
  yield* accounts.grant(admin, id, tied.id, { orgId: id, role: "EMPLOYEE", employeeId: uuid })
  yield* employees.setProfile(admin, id, uuid, { bio: zoe.bio }, "merge")
  const club = yield* groups.create(admin, id, { name: "Chess", type: "club" })
  yield* groups.setForEntity(admin, id, uuid, [{ groupId: club.id, type: "member" }])
  return { uuid, logins: [tied.id, own.id], streams: [tied.id, own.id].map(accountStream) }
})

/** Every row of every table as text: what a dump would hold. */
export const dump = Effect.gen(function* () {
  const { query } = yield* Database
  const { rows: tables } = yield* query((db) =>
    sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'`.execute(db)
  )
  const texts: Array<string> = []
  for (const { name } of tables) {
    const { rows } = yield* query((db) =>
      sql<{ row: string }>`select t::text as row from ${sql.table(name)} as t`.execute(db)
    )
    texts.push(...rows.map(({ row }) => row))
  }
  return texts.join("\n")
})

/** The values that are found in a text: a row's text doubles quotes and backslashes, an index has small letters. */
export const valuesIn = (text: string, zoe: Zoe): ReadonlyArray<string> => {
  const loose = loosened(text)
  return Object.entries(zoe).flatMap(([name, value]) => (loose.includes(loosened(value)) ? [name] : []))
}

const loosened = (text: string): string => text.replaceAll(/["\\]+/g, "").toLowerCase()
