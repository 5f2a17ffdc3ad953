import { randomBytes } from "node:crypto"

import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import { type EarlierHead, EventLog } from "@rollcall/core/contract/EventLog"
import { join } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer, Stream } from "effect"
import { type RawBuilder, sql } from "kysely"

import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { hashEvent, hashPersonal, type Link, origin } from "../src/HashChain.ts"
import { verifyChain } from "../src/Verify.ts"
import { accepted, appeared, appendOf, newOrganization } from "./Given.ts"
import { postgres } from "./OnPostgres.ts"

/** Two commits with events, and one without between them. */
const fiveEvents = Effect.gen(function* () {
  const log = yield* EventLog
  const organization = newOrganization()
  const [first, second, third, ...rest] = [
    appeared("employee:a"),
    { ...appeared("employee:b"), effectiveOn: "2026-05-01", causation: 1 },
    appeared("employee:a", { firstName: "Grace" }),
    accepted("sink:together"),
    appeared("employee:c")
  ] as const
  yield* log.append(organization, appendOf([first, second, third]))
  yield* log.append(organization, appendOf([]))
  yield* log.append(organization, appendOf(rest))
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

const setCommit = (what: RawBuilder<unknown>, number: number) => (organization: OrganizationId) => [
  sql`update commits set ${what} where organization_id = ${organization} and commit_no = ${number}`
]

const tamperings: ReadonlyArray<Tampering> = [
  ["an edited column: data", 3, set(sql`data = '{"locator":"other"}'`, 3)],
  ["an edited column: white space in data", 3, set(sql`data = (data::text || ' ')::json`, 3)],
  [
    "an edited column: organization_id",
    2,
    (organization) => [
      sql`update events set organization_id = ${`${organization}-other`}
        where organization_id = ${organization} and position = 2`
    ]
  ],
  ["an edited column: position", 5, set(sql`position = 6`, 5)],
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
  ["one byte of a personal part", 3, set(sql`personal = replace(personal::text, 'Grace', 'Grbce')::json`, 3)],
  ["white space in a personal part", 3, set(sql`personal = (personal::text || ' ')::json`, 3)],
  ["one byte of a salt", 3, set(sql`salt = set_byte(salt, 15, get_byte(salt, 15) # 1)`, 3)],
  [
    "one byte of a personal_hash",
    3,
    set(sql`personal_hash = set_byte(personal_hash, 0, get_byte(personal_hash, 0) # 1)`, 3)
  ],
  [
    "exchanged personal parts, each with its salt",
    1,
    (organization) => [
      sql`update events as one set personal = other.personal, salt = other.salt from events as other
        where one.organization_id = ${organization} and other.organization_id = ${organization}
          and (one.position, other.position) in ((1, 3), (3, 1))`
    ]
  ],
  [
    "a personal part put back after an erasure",
    3,
    (organization) => [
      ...set(sql`personal = null, salt = null`, 3)(organization),
      ...set(sql`personal = '{"fields":{"firstName":"Grace"}}', salt = ${Buffer.alloc(16)}`, 3)(organization)
    ]
  ],
  [
    "a salt without a personal part",
    3,
    (organization) => [
      sql`alter table events drop constraint events_check`,
      ...set(sql`personal = null`, 3)(organization),
      sql`alter table events add constraint events_check check ((personal is null) = (salt is null)) not valid`
    ]
  ],
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
    "two events that changed places, versions and all",
    2,
    (organization) => [
      sql`update events set position = position + 100 where organization_id = ${organization} and position in (2, 5)`,
      sql`update events set position = 107 - position where organization_id = ${organization} and position > 100`
    ]
  ],
  [
    "an event put between two",
    3,
    (organization) => [
      sql`update events set position = position + 100 where organization_id = ${organization} and position >= 3`,
      sql`update events set position = position - 99 where organization_id = ${organization} and position > 100`,
      sql`insert into events (organization_id, position, stream, version, type, schema_version, recorded_at, actor, data, hash)
        select organization_id, 3, 'employee:x', 1, type, schema_version, recorded_at, actor, data, hash
        from events where organization_id = ${organization} and position = 2`,
      sql`update log_heads set position = 6 where organization_id = ${organization}`
    ]
  ],
  [
    "an event put before the first",
    0,
    (organization) => [
      sql`alter table events drop constraint events_position_check`,
      sql`insert into events (organization_id, position, stream, version, type, schema_version, recorded_at, actor, data, hash)
        select organization_id, 0, 'employee:x', 1, type, schema_version, recorded_at, actor, data, hash
        from events where organization_id = ${organization} and position = 2`,
      sql`alter table events add constraint events_position_check check (position > 0) not valid`
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
  ],
  [
    "a head moved on",
    6,
    (organization) => [sql`update log_heads set position = 6 where organization_id = ${organization}`]
  ],
  [
    "a head with another commit",
    6,
    (organization) => [sql`update log_heads set commit_no = 4 where organization_id = ${organization}`]
  ],
  ["a commit that begins later", 4, setCommit(sql`first_position = 5`, 3)],
  ["a commit that ends earlier", 5, setCommit(sql`last_position = 4`, 3)],
  ["a commit that reaches into the next", 4, setCommit(sql`last_position = 4`, 1)],
  ["a commit of another time", 4, setCommit(sql`recorded_at = recorded_at - interval '1 microsecond'`, 3)],
  ["a commit with another number", 6, setCommit(sql`commit_no = 4`, 2)],
  [
    "a deleted commit",
    1,
    (organization) => [sql`delete from commits where organization_id = ${organization} and commit_no = 1`]
  ],
  [
    "a deleted commit without events",
    4,
    (organization) => [sql`delete from commits where organization_id = ${organization} and commit_no = 2`]
  ],
  [
    "a commit added behind the last",
    6,
    (organization) => [
      sql`insert into commits (organization_id, commit_no, first_position, last_position, recorded_at, append_key)
        select organization_id, 4, 6, 5, recorded_at, gen_random_uuid() from commits
        where organization_id = ${organization} and commit_no = 3`
    ]
  ]
]

const headAt = Effect.fnUntraced(function* (organization: OrganizationId, position: number) {
  const log = yield* EventLog
  const events = yield* Stream.runCollect(log.chain(organization))
  return { position, hash: events[position - 1]!.hash }
})

/** As somebody would who holds the database and has read how the chain is made. */
const rewriteFrom = Effect.fnUntraced(function* (organization: OrganizationId, position: number) {
  const log = yield* EventLog
  const events = yield* Stream.runCollect(log.chain(organization))
  let previous: Uint8Array = Buffer.from(events[position - 2]!.hash, "hex")
  const statements: Array<RawBuilder<unknown>> = []
  for (const event of events.slice(position - 1)) {
    previous = hashEvent(previous, { ...event, actor: "operator:eve" })
    statements.push(...set(sql`actor = 'operator:eve', hash = ${previous}`, event.position)(organization))
  }
  const head = sql`update log_heads set hash = ${previous} where organization_id = ${organization}`
  yield* behindTheTrigger(...statements, head)
})

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

      it.effect("gives every event as it is kept, however large, and nothing of another log", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = newOrganization()
          const large = Array.from({ length: 12 }, (_, n) =>
            appeared(`employee:${n}`, { firstName: randomBytes(400_000).toString("hex"), title: "T" })
          )
          yield* log.append(organization, appendOf(large))
          const kept = yield* Stream.runCollect(log.chain(organization))
          assert.deepStrictEqual(
            kept.map(({ organization, position }) => [organization, position]),
            large.map((_, n) => [organization, n + 1])
          )
          const events = yield* Stream.runCollect(log.read(organization))
          for (const [n, { data, personal, type }] of kept.entries()) {
            const parts = { data: JSON.parse(data), personal: JSON.parse(personal ?? "null") }
            assert.deepStrictEqual(join(type, parts), events[n]?.event)
          }
          assert.lengthOf(yield* Stream.runCollect(log.chain(newOrganization())), 0)
        })
      )

      it.effect("lets nothing through of a page that does not hold, and names the log", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = yield* fiveEvents
          yield* behindTheTrigger(...set(sql`actor = 'x'`, 4)(organization))
          let through = 0
          const failure = yield* log.chain(organization).pipe(
            Stream.runForEach(() => Effect.sync(() => through++)),
            Effect.flip
          )
          assert.strictEqual(through, 0)
          assert.deepInclude(failure, { _tag: "ChainBroken", organization, position: 4 })
        })
      )

      it.effect("finds a log written anew from some event to its end by a head that was kept elsewhere", () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = yield* fiveEvents
          const against = (earlier: EarlierHead) => verifyChain(log.chain(organization, earlier))
          const early = yield* headAt(organization, 2)
          const whole = yield* headAt(organization, 5)
          assert.isNull(yield* against(whole))
          yield* rewriteFrom(organization, 3)
          assert.isNull(yield* log.verify(organization), "who holds the database can make the chain fit")
          assert.strictEqual((yield* against(whole))?.position, 5)
          assert.isNull(yield* against(early), "nothing before that head was changed")
          yield* log.append(organization, appendOf([accepted("sink:together")]))
          assert.strictEqual((yield* against(whole))?.position, 5)
          assert.strictEqual((yield* against({ position: 9, hash: whole.hash }))?.position, 7)
          assert.isNull(yield* against({ position: 0, hash: "" }), "an empty log is the beginning of every log")
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
