/**
 * `rollcall init`: writes a configuration to start from, with the columns of your own file where it can tell them.
 */
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { dirname, relative, resolve } from "node:path"

import { SourceError } from "@rollcall/core/contract/Source"
import { type Suggestion, suggestColumns } from "@rollcall/source-csv/suggest"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"

import { defaultFile } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { framed, jsonFlag } from "./Frame.ts"

const flags = {
  json: jsonFlag,
  csv: Flag.String("csv").pipe(
    Flag.withDescription("The HR file: its header becomes the column mapping"),
    Flag.optional
  ),
  out: Flag.String("out").pipe(Flag.withDescription("The file to write"), Flag.withDefault(defaultFile))
}

export const init = Command.make("init", flags, ({ csv, json, out }) =>
  framed(
    json,
    Effect.fnUntraced(function* (output) {
      const target = resolve(out)
      if (existsSync(target)) {
        return yield* new InputInvalid({
          place: target,
          problem: "There is a configuration already.",
          remedy: "Edit it, or name another file with --out."
        })
      }
      const file = Option.getOrUndefined(csv)
      const suggestion = file === undefined ? undefined : yield* suggest(file)
      const named = file === undefined ? "employees.csv" : relative(dirname(target), resolve(file))
      yield* Effect.promise(() => writeFile(target, template(named, suggestion)))
      yield* output.line(`Wrote ${target}.`)
      for (const name of suggestion?.missing ?? []) yield* output.line(`  no column looks like ${name}: fill it in`)
      yield* output.line(
        "Next: export the three TOGETHER_ variables, then `rollcall check`, then `rollcall sync --dry-run`."
      )
      yield* output.result({ file: target, columns: suggestion?.columns ?? {}, missing: suggestion?.missing ?? [] })
    })
  )
).pipe(Command.withDescription("Write a configuration to start from"))

const suggest = (file: string) =>
  Effect.tryPromise({
    try: () => suggestColumns(resolve(file)),
    catch: (reason) => new SourceError({ source: "csv", reason: reason as SourceError["reason"] })
  })

const example: Suggestion = {
  columns: {
    employeeId: "Employee Number",
    firstName: "First Name",
    lastName: "Last Name",
    email: "Work E-mail",
    status: "Status",
    title: "Job Title",
    departmentName: "Department",
    supervisorId: "Manager Employee Number"
  },
  missing: [],
  unused: []
}

const template = (file: string, { columns, missing, unused }: Suggestion = example): string => `/**
 * Rollcall's configuration. An editor with TypeScript shows what each setting means.
 */
import { csv, defineConfig, env } from "rollcall"

export default defineConfig({
  // timezone: "Europe/Berlin",
  // scope: { exclude: [{ employeeTypeCode: ["CON", "TMP"] }] },
  // mapping: { withhold: ["dateOfBirth", "gender"] },
  // absence: { policy: "report" },
  sources: {
    hr: csv({
      file: ${JSON.stringify(file)},
      // dates: "dd/MM/yyyy",
      // effectiveOn: "Effective Date",
      // Field: header of the column. \`{ column, values }\` translates cells, \`{ column, references }\` follows a cell to
      // another row, \`{ constant }\` fills a field that has no column.
      columns: {
${[
  ...missing.map((field) => `        ${field}: "FILL IN"`),
  ...Object.entries(columns).map(([field, header]) => `        ${field}: ${JSON.stringify(header)}`)
].join(",\n")}
      }${unused.length === 0 ? "" : `\n      // Not used: ${unused.join(", ")}`}
    })
  },
  together: {
    // baseUrl: "https://api.eu.togetherplatform.com",
    organizationId: env("TOGETHER_ORGANIZATION_ID"),
    clientId: env("TOGETHER_CLIENT_ID"),
    apiKey: env("TOGETHER_API_KEY")
  }
})
`
