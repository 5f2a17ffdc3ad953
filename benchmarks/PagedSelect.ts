/**
 * The yardstick of a replay: the same rows by a bare paged SELECT through `pg`, by position, 10,000 rows a page, each
 * page from where the last one ended; both JSON columns decoded, nothing folded.
 *
 * `node benchmarks/PagedSelect.ts URL ORGANIZATION`, a process of its own; ends with one line of JSON.
 */
import { Client } from "pg"

const [url = "", organization = ""] = process.argv.slice(2)
const pageRows = 10_000

const page = `
  select position, stream, version, type, schema_version, recorded_at, effective_on, causation_position, actor,
    data::text as data, personal::text as personal
  from events where organization_id = $1 and position > $2 order by position limit ${pageRows}`

interface Row {
  readonly position: string
  readonly data: string
  readonly personal: string | null
}

const client = new Client(url)
await client.connect()
let [rows, members, after] = [0, 0, "0"]
for (;;) {
  const found = await client.query<Row>(page, [organization, after])
  for (const { data, personal } of found.rows) {
    const parts = [JSON.parse(data) as object, personal === null ? {} : (JSON.parse(personal) as object)]
    members += parts.length
  }
  rows += found.rows.length
  after = found.rows.at(-1)?.position ?? after
  if (found.rows.length < pageRows) break
}
await client.end()
console.log(JSON.stringify({ rows, members }))
