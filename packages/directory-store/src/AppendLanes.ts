import { schemaVersion } from "@rollcall/core/domain/Event"
/**
 * The two ways in which rows reach `events`: one INSERT over arrays for a few, COPY for many.
 *
 * Arrays, not VALUES: the number of parameters never grows with the number of rows. Both lanes write the same bytes
 * under the same lock; `copyFrom` says from how many rows on COPY is the faster one.
 */
import type { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import type { Row } from "./Admission.ts"
import type { Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import type { Tables } from "./Schema.ts"

export const writeRows = (
  transaction: Transaction,
  organization: string,
  rows: ReadonlyArray<Row>,
  copyFrom: number
): Effect.Effect<unknown, DriverFailure> =>
  rows.length < copyFrom
    ? transaction.run((db) => insertRows(db, organization, rows))
    : transaction.copy(
        `events (${columns})`,
        rows.map((row) => copyLine(organization, row))
      )

const columns = `organization_id, schema_version, recorded_at, position, stream, version, type, effective_on,
  causation_position, actor, data, personal, salt, personal_hash, hash`

const insertRows = (db: Kysely<Tables>, organization: string, rows: ReadonlyArray<Row>) => {
  const of = <A>(column: (row: Row) => A) => rows.map(column)
  return sql`
    insert into events (${sql.raw(columns)})
    select ${organization}, ${schemaVersion}::smallint, recorded_at::timestamptz, position, stream, version, type,
      effective_on::date, causation_position, actor, data::json, personal::json, decode(salt, 'hex'),
      decode(personal_hash, 'hex'), decode(hash, 'hex')
    from unnest(
      ${of((row) => row.recordedAt)}::text[], ${of((row) => row.position)}::bigint[],
      ${of((row) => row.stream)}::text[], ${of((row) => row.version)}::integer[], ${of((row) => row.type)}::text[],
      ${of((row) => row.effectiveOn)}::text[], ${of((row) => row.causation)}::bigint[],
      ${of((row) => row.actor)}::text[], ${of((row) => row.data)}::text[], ${of((row) => row.personal)}::text[],
      ${of((row) => hex(row.salt))}::text[], ${of((row) => hex(row.personalHash))}::text[],
      ${of((row) => hex(row.hash))}::text[]
    ) as given (recorded_at, position, stream, version, type, effective_on, causation_position, actor, data, personal,
      salt, personal_hash, hash)
    order by position`.execute(db)
}

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString("hex"))

const copyLine = (organization: string, row: Row): string =>
  `${organization}\t${schemaVersion}\t${row.recordedAt}\t${row.position}\t${text(row.stream)}\t${row.version}\t` +
  `${text(row.type)}\t${row.effectiveOn ?? "\\N"}\t${row.causation ?? "\\N"}\t${text(row.actor)}\t${text(row.data)}\t` +
  `${row.personal === null ? "\\N" : text(row.personal)}\t${bytea(row.salt)}\t${bytea(row.personalHash)}\t${bytea(row.hash)}\n`

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** Nearly all texts have nothing to escape: look first. */
const text = (value: string): string =>
  /[\\\n\r\t]/.test(value) ? value.replace(/[\\\n\r\t]/g, (mark) => escapes[mark] ?? mark) : value

const bytea = (bytes: Uint8Array | null): string => (bytes === null ? "\\N" : `\\\\x${hex(bytes)}`)
