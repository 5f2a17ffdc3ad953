/**
 * Writes docs/environment.md: what Rollcall takes from the environment and from its configuration.
 *
 * `node scripts/environment-reference.ts` writes it, `--check` fails where the file is not what would be written. Names,
 * types and what is required come from the schemas that check a configuration, the words from the comments that an
 * editor shows for the same setting, the variables from the runner's own list.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const root = join(import.meta.dirname, "..")

/** By its address: the packages that it belongs to are checked and built apart from these scripts. */
const from = async <Module>(path: string): Promise<Module> =>
  (await import(pathToFileURL(join(root, path)).href)) as Module

const { ConfigurationSchema, OrganizationSchema } = await from<typeof import("../apps/runner/src/Configuration.ts")>(
  "apps/runner/src/Configuration.ts"
)
const { environmentVariables } = await from<typeof import("../apps/runner/src/EnvironmentVariables.ts")>(
  "apps/runner/src/EnvironmentVariables.ts"
)
const { AlarmConfig } = await from<typeof import("../apps/runner/src/AlarmConfig.ts")>("apps/runner/src/AlarmConfig.ts")
const { csv, ultipro } = await from<typeof import("../apps/runner/src/index.ts")>("apps/runner/src/index.ts")
const { settingsOf } = await from<typeof import("../apps/runner/src/Settings.ts")>("apps/runner/src/Settings.ts")
const { TogetherConfig } = await from<typeof import("../packages/sink-together/src/TogetherConfig.ts")>(
  "packages/sink-together/src/TogetherConfig.ts"
)

type Setting = ReturnType<typeof settingsOf>[number]

const target = join(root, "docs/environment.md")

/** The comment before a member of a schema: of the one that stands after `export const NAME`. */
const commentsIn = (file: string, name: string): ReadonlyMap<string, string> => {
  const source = readFileSync(join(root, file), "utf8")
  const whole = source.slice(source.indexOf(`export const ${name} = `))
  const text = whole.slice(0, whole.search(/\n(?=\S)(?!\}|\)| )/u))
  const members = text.matchAll(/\n {2}(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*\n {2})?(\w+):/gu)
  return new Map([...members].map(([, comment = "", member = ""]) => [member, plain(comment)]))
}

const plain = (comment: string): string =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s?/u, "").trim())
    .join(" ")
    .trim()

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [head, ...rows].map((row) => row.map(cell))
  const widths = head.map((_, at) => Math.max(3, ...all.map((row) => row[at]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |`
  const [first = [], ...rest] = all
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("\n")
}

interface Part {
  readonly schema: Parameters<typeof settingsOf>[0]
  readonly file: string
  readonly constant: string
}

const settings = ({ constant, file, schema }: Part): string => {
  const comments = commentsIn(file, constant)
  const rows = settingsOf(schema).map((setting) => {
    const words = comments.get(setting.name)
    if (words === undefined) throw new Error(`${file}: ${constant}.${setting.name} has no place in the text`)
    return [`\`${setting.name}\``, kindOf(setting), setting.required ? "yes" : "", words]
  })
  return table(["setting", "what", "required", "meaning"], rows)
}

const kindOf = ({ secret, type }: Setting): string => (secret ? `${type}, secret` : type)

const variables = Object.entries(environmentVariables)
  .map(
    ([title, list]) =>
      `### ${title}\n\n${table(
        ["variable", "meaning", "without it"],
        list.map(({ meaning, name, otherwise, secret }) => [
          `\`${name}\`${secret === true ? " (secret)" : ""}`,
          meaning,
          otherwise
        ])
      )}`
  )
  .join("\n\n")

const text = `# Environment and configuration

Made by \`node scripts/environment-reference.ts\` from the schemas and the list of variables; do not edit.

## Variables

${variables}

## Variables of your own

\`env("NAME")\` in the configuration takes the value of that variable when Rollcall starts; where it is missing, nothing
begins and the message names it. It may stand for every setting of \`together\` and \`ultipro\`, and for those of
\`alarms.webhook\`. Secrets belong there; these documents and \`rollcall init\` call them so:

${table(
  ["setting", "variable"],
  [
    ...secretsOf(TogetherConfig, "together", "TOGETHER"),
    ...secretsOf(ultipro({} as never).plugin.config, "ultipro", "ULTIPRO"),
    ["`alarms.webhook.secret`", "`ALARM_SECRET`"]
  ]
)}

## The configuration

\`rollcall.config.ts\` exports \`defineConfig({ ... })\`. Written flat it is one organization, called \`default\`; several stand
in \`organizations\` by name.

${settings({ schema: ConfigurationSchema, file: "apps/runner/src/Configuration.ts", constant: "ConfigurationSchema" })}

### An organization

${settings({ schema: OrganizationSchema, file: "apps/runner/src/Configuration.ts", constant: "OrganizationSchema" })}

### \`together\`

${settings({ schema: TogetherConfig, file: "packages/sink-together/src/TogetherConfig.ts", constant: "TogetherConfig" })}

### \`alarms\`

[alarms.md](alarms.md) says more; \`webhook\` is \`{ url, secret }\`.

${settings({ schema: AlarmConfig, file: "apps/runner/src/AlarmConfig.ts", constant: "AlarmConfig" })}

### \`ultipro({ ... })\`

[ultipro.md](ultipro.md) says more.

${settings({ schema: ultipro({} as never).plugin.config, file: "packages/source-ultipro/src/UltiProConfig.ts", constant: "UltiProConfig" })}

### \`csv({ ... })\`

[csv.md](csv.md) says more.

${settings({ schema: csv({} as never).plugin.config, file: "packages/source-csv/src/CsvConfig.ts", constant: "CsvConfig" })}
`

/** Secrets, each under the name that \`rollcall init\` and the documents use. */
function secretsOf(schema: Part["schema"], part: string, prefix: string): ReadonlyArray<ReadonlyArray<string>> {
  return settingsOf(schema)
    .filter(({ secret }) => secret)
    .map(({ name }) => [
      `\`${part}.${name}\``,
      `\`${prefix}_${name.replaceAll(/[A-Z]/gu, (letter) => `_${letter}`).toUpperCase()}\``
    ])
}

if (process.argv.includes("--check")) {
  const found = readFileSync(target, "utf8")
  if (found !== text) {
    console.error("docs/environment.md is not up to date: node scripts/environment-reference.ts")
    process.exitCode = 1
  }
} else writeFileSync(target, text)
