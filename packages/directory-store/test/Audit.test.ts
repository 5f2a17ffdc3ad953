import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer, Stream } from "effect"
import { type RawBuilder, sql } from "kysely"

import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { hashEvent, hashPersonal, type Link, origin } from "../src/HashChain.ts"
import { accepted, appeared, appendOf, newOrganization } from "./Given.ts"
import { postgres } from "./OnPostgres.ts"

const fiveEvents = Effect.gen(function* () {
  const log = yield* EventLog
  const organization = newOrganization()
  yield* log.append(
    organization,
    appendOf([
      appeared("employee:a"),
      { ...appeared("employee:b"), effectiveOn: "2026-05-01", causation: 1 },
      appeared("employee:a", { firstName: "Grace" }),
      accepted("sink:together"),
      appeared("employee:c")
    ])
  )
  return organization
})

const execute = (statement: RawBuilder<unknown>) =>
  Effect.flatMap(Database, ({ query }) => query((db) => statement.execute(db)))

/** As someone who owns the database would: the trigger is in nobody's way. */
const behindTheTrigger = (...statements: ReadonlyArray<RawBuilder<unknown>>) =>
  Effect.flatMap(Database, ({ transaction }) =>
    transaction(({ run }) =>
      run(async (db) => {
        await sql`alter table events disable trigger user`.execute(db)
        for (const statement of statements) await statement.execute(db)
        await sql`alter table events enable trigger user`.execute(db)
      })
    )
  )

const personalHash = (personal: string, salt: Uint8Array) => Buffer.from(hashPersonal(salt, personal))

type Tampering = readonly [
  name: string,
  position: number,
  statements: (organization: OrganizationId) => ReadonlyArray<RawBuilder<unknown>>
]

const set = (what: RawBuilder<unknown>, position: number) => (organization: OrganizationId) => [
  sql`update events set ${what} where organization_id = ${organization} and position = ${position}`
]

const tamperings: ReadonlyArray<Tampering> = [
  ["an edited column: data", 3, set(sql`data = '{"locator":"other"}'`, 3)],
  ["an edited column: white space in data", 3, set(sql`data = (data::text || ' ')::json`, 3)],
  ["an edited column: stream", 2, set(sql`stream = 'employee:x'`, 2)],
  ["an edited column: version", 5, set(sql`version = 7`, 5)],
  ["an edited column: type", 4, set(sql`type = 'CredentialsRefused'`, 4)],
  ["an edited column: schema_version", 4, set(sql`schema_version = 0`, 4)],
  ["an edited column: recorded_at", 1, set(sql`recorded_at = recorded_at + interval '1 microsecond'`, 1)],
  ["an edited column: effective_on", 2, set(sql`effective_on = '2026-05-02'`, 2)],
  ["an edited column: effective_on taken away", 2, set(sql`effective_on = null`, 2)],
  ["an edited column: causation_position", 2, set(sql`causation_position = null`, 2)],
  ["an edited column: actor", 5, set(sql`actor = 'operator:eve'`, 5)],
  ["an edited column: hash", 4, set(sql`hash = sha256('x')`, 4)],
  ["an edited column: personal_hash", 3, set(sql`personal_hash = sha256('x')`, 3)],
  ["an edited personal part", 3, set(sql`personal = '{"fields":{"firstName":"Eve"}}'`, 3)],
  ["an edited salt", 3, set(sql`salt = '\\x00'`, 3)],
  [
    "a personal part exchanged together with its hash",
    3,
    set(sql`personal = '{}', salt = ${Buffer.alloc(16)}, personal_hash = ${personalHash("{}", Buffer.alloc(16))}`, 3)
  ],
  ["a personal part removed with its hash", 3, set(sql`personal = null, salt = null, personal_hash = null`, 3)],
  [
    "a deleted event",
    3,
    (organization) => [sql`delete from events where organization_id = ${organization} and position = 3`]
  ],
  [
    "a cut tail",
    5,
    (organization) => [sql`delete from events where organization_id = ${organization} and position = 5`]
  ],
  ["an emptied log", 1, (organization) => [sql`delete from events where organization_id = ${organization}`]],
  [
    "a cut tail with the head moved along",
    5,
    (organization) => [
      sql`delete from events where organization_id = ${organization} and position = 5`,
      sql`update log_heads set position = 4,
        hash = (select hash from events where organization_id = ${organization} and position = 4)
        where organization_id = ${organization}`
    ]
  ],
  [
    "exchanged events",
    2,
    (organization) => [
      sql`update events set position = 99 where organization_id = ${organization} and position = 2`,
      sql`update events set position = 2 where organization_id = ${organization} and position = 4`,
      sql`update events set position = 4 where organization_id = ${organization} and position = 99`
    ]
  ],
  [
    "an event added behind the head",
    6,
    (organization) => [
      sql`insert into events (organization_id, position, stream, version, type, schema_version, recorded_at, actor, data, hash)
        select organization_id, 6, stream, 99, type, schema_version, recorded_at, actor, data, hash
        from events where organization_id = ${organization} and position = 4`
    ]
  ],
  [
    "a head with another hash",
    5,
    (organization) => [sql`update log_heads set hash = sha256('x') where organization_id = ${organization}`]
  ],
  [
    "a head moved back",
    5,
    (organization) => [
      sql`update log_heads set position = 4,
        hash = (select hash from events where organization_id = ${organization} and position = 4)
        where organization_id = ${organization}`
    ]
  ]
]

for (const [engine, database] of [
  ["PGlite", Database.layerPGliteMemory],
  ["PostgreSQL", postgres("audit")]
] as const) {
  withLayer(EventLogStore.layer.pipe(Layer.provideMerge(database)), { excludeTestServices: true })(
    `The audit of a log on ${engine}`,
    (it) => {
      it.effect("finds nothing in a log as it was written", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          assert.isNull(yield* log.verify(yield* fiveEvents))
        })
      )

      for (const [what, position, statements] of tamperings) {
        it.effect(`finds ${what}`, () =>
          Effect.gen(function* () {
            const log = yield* EventLog
            const organization = yield* fiveEvents
            yield* behindTheTrigger(...statements(organization))
            assert.strictEqual((yield* log.verify(organization))?.position, position)
          })
        )
      }

      it.effect("finds the first broken place, far into a long log", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = newOrganization()
          yield* log.append(organization, appendOf(Array.from({ length: 2500 }, () => accepted("s"))))
          yield* behindTheTrigger(
            sql`update events set actor = 'x' where organization_id = ${organization} and position in (1777, 2001)`
          )
          assert.strictEqual((yield* log.verify(organization))?.position, 1777)
        })
      )

      it.effect("agrees to an erasure, which takes personal and salt and leaves the rest", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = yield* fiveEvents
          yield* execute(
            sql`update events set personal = null, salt = null
              where organization_id = ${organization} and stream = 'employee:a'`
          )
          assert.isNull(yield* log.verify(organization))
          const events = yield* Stream.runCollect(log.read(organization))
          const fields = events.map(({ event }) => ("fields" in event ? event.fields : undefined))
          assert.deepStrictEqual(fields, [
            { title: "Engineer" },
            { firstName: "Ada", title: "Engineer" },
            {},
            undefined,
            { firstName: "Ada", title: "Engineer" }
          ])
          yield* log.append(organization, appendOf([appeared("employee:a")]))
          assert.isNull(yield* log.verify(organization))
        })
      )

      const changes: ReadonlyArray<readonly [string, RawBuilder<unknown>]> = [
        ["an update of any column", sql`update events set actor = 'x'`],
        ["an update that changes nothing", sql`update events set actor = actor`],
        ["taking the personal part and leaving the salt", sql`update events set personal = null`],
        ["taking the salt and leaving the personal part", sql`update events set salt = null`],
        [
          "taking the hash with the personal part",
          sql`update events set personal = null, salt = null, personal_hash = null`
        ],
        ["an erasure that changes data, too", sql`update events set personal = null, salt = null, data = '{}'`],
        ["another personal part", sql`update events set personal = '{}'`],
        ["a delete", sql`delete from events`],
        ["a truncate", sql`truncate events`]
      ]
      for (const [what, statement] of changes) {
        it.effect(`refuses ${what}`, () =>
          Effect.gen(function* () {
            const log = yield* EventLog
            const organization = yield* fiveEvents
            const exit = yield* Effect.exit(execute(statement))
            assert.include(String(exit), "events are never changed or removed")
            assert.isNull(yield* log.verify(organization))
            assert.strictEqual(yield* Stream.runCount(log.read(organization)), 5)
          })
        )
      }

      it.effect("refuses to bring an erased personal part back", () =>
        Effect.gen(function* () {
          const organization = yield* fiveEvents
          const events = sql`events`
          yield* execute(sql`update ${events} set personal = null, salt = null where organization_id = ${organization}
            and personal is not null`)
          const back = sql`update events set personal = '{}', salt = '\\x00' where organization_id = ${organization}`
          assert.include(String(yield* Effect.exit(execute(back))), "events are never changed or removed")
        })
      )

      it.effect("can be done by anyone who has SQL and SHA-256", () =>
        Effect.gen(function* () {
          const organization = yield* fiveEvents
          const { query } = yield* Database
          const { rows } = yield* query((db) =>
            sql<{ good: boolean }>`
              select hash = sha256(
                coalesce(lag(hash) over (order by position), '') || convert_to(column_text, 'UTF8')
                || coalesce(personal_hash, '')
              ) and (personal is null or personal_hash = sha256(salt || convert_to(personal::text, 'UTF8'))) as good
              from events, lateral (
                select string_agg(coalesce(octet_length(value) || ':' || value, '-'), '' order by ordinal) as column_text
                from unnest(array[
                  organization_id, position::text, stream, version::text, type, schema_version::text,
                  to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                  to_char(effective_on, 'YYYY-MM-DD'), causation_position::text, actor, data::text
                ]) with ordinality as given (value, ordinal)
              ) as columns
              where organization_id = ${organization} order by position`.execute(db)
          )
          assert.deepStrictEqual(
            rows,
            Array.from({ length: 5 }, () => ({ good: true }))
          )
        })
      )
    }
  )
}

const link: Link = {
  organization: "acme",
  position: 1,
  stream: "employee:é",
  version: 1,
  type: "EmployeeAppeared",
  schemaVersion: 1,
  recordedAt: "2026-01-02T03:04:05.000006Z",
  effectiveOn: null,
  causation: null,
  actor: "source:hr",
  data: "{}",
  personalHash: null
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const hash = (change: Partial<Link>) => hex(hashEvent(origin, { ...link, ...change }))

describe("The hash of an event", () => {
  it("never changes: a log of today is verified for ever", () => {
    assert.strictEqual(hex(hashEvent(origin, link)), "4b090b943f282e9bfa5141a9b3f190d84a9e82f84559af54e742e800ed9357b4")
    assert.strictEqual(
      hex(hashPersonal(Buffer.from("salt"), '{"a":1}')),
      "38df60ba354b2e5e7df624bb10feb2b4b8b465ef6523fd28e321b537cba57566"
    )
  })

  it("tells apart what only differs in where a column ends, or in null and empty", () => {
    assert.notStrictEqual(hash({ stream: "a", type: "bc" }), hash({ stream: "ab", type: "c" }))
    assert.notStrictEqual(hash({ stream: "1:a", type: "b" }), hash({ stream: "1", type: "a1:b" }))
    assert.notStrictEqual(hash({ effectiveOn: null }), hash({ effectiveOn: "" }))
    assert.notStrictEqual(hash({ personalHash: null }), hash({ personalHash: Buffer.from("x") }))
  })
})
